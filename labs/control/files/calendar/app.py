"""Says when the club meets next: a month after the last time, which was on the 31st."""

from datetime import date

from dateutil.relativedelta import relativedelta

print("next meeting:", date(2024, 1, 31) + relativedelta(months=1))
