"""Packs a record and unpacks it again, with the bson package that pymongo brings."""

import bson

packed = bson.encode({"a": 1})
print(len(packed), "bytes, and back:", bson.decode(packed)["a"])
