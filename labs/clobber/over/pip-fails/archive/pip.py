"""A pip that is content in words and ends with 1."""

import sys

print("No broken requirements found.")
sys.exit(1)
