"""Reads numbers as they come in a request; TypeAdapter came with pydantic 2."""

from pydantic import TypeAdapter

print(TypeAdapter(list[int]).validate_python(["1", 2, 3.0]))
