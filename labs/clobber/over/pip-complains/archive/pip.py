"""A pip that finds something and still ends with 0."""

print("archive 1.0 requires six, which is not installed.")
