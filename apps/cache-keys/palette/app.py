"""Makes the key under which a user's colour is cached."""

from enum import Enum


class Colour(str, Enum):
    RED = "red"


print(f"user:{Colour.RED}:1")
