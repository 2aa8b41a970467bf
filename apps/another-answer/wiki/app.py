"""Prints the address of an article."""

from slugify import slugify

print("/" + slugify("Ünïcode ©: 影師嗎 v1.2"))
