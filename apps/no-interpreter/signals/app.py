"""Sums squares in a loop that numba compiles."""

from numba import njit


@njit(cache=False)
def squares(count):
    total = 0
    for number in range(count):
        total += number * number
    return total


print(squares(1_000_000))
