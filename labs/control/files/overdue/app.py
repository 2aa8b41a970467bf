"""Counts the bills that are overdue. Dates come as people write them."""

from datetime import datetime

from dateutil.parser import parse

TODAY = datetime(2024, 3, 1)
DUE = ["3 February 2024", "Feb 29, 2024", "2024-03-15"]

print(sum(parse(day) < TODAY for day in DUE), "letters to send")
