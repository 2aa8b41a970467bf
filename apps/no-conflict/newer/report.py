"""A job: it cuts ten orders into batches with `itertools.batched`, which is new in Python 3.12."""

from itertools import batched

orders = range(10)
print(sum(1 for _ in batched(orders, 4)), "batches")
