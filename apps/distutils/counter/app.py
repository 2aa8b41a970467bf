"""Cuts a list into pairs; itertools.batched is of 3.12."""

from itertools import batched

print(list(batched([1, 2, 3], 2)))
