"""Packs a record and unpacks it again, with the stand-alone bson package."""

import bson

packed = bson.dumps({"a": 1})
print(len(packed), "bytes, and back:", bson.loads(packed)["a"])
