"""Makes an identifier as MongoDB's client does, and reads the time out of another."""

from bson import ObjectId
from pymongo import MongoClient

MongoClient(connect=False).close()
print("made at", ObjectId("659200800000000000000000").generation_time.date())
