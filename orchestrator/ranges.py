"""One clause of a range of versions, as the families' worlds write them, and the releases it admits."""

from __future__ import annotations

from orchestrator.family import meet, same_release

LATEST = 10**6
"""A release stands for its newest patch: `>=3.8.5` admits 3.8."""


def admits(operator: str, number: str, version: str, *, wild: bool = False) -> bool:
    """Whether `operator number` admits the release `version`; `wild` where `.*` follows the number.

    `=` takes either for a part of the other, `==` is exact. `~` keeps all parts of the number but its last (`~=` of PEP
    440, `~>` of RubyGems, Composer), `^` keeps the first (Composer, from 1 on).
    """
    bound, newest = numbers(number), (*numbers(version), LATEST)
    inside = newest[: len(bound)] == bound
    kept = 1 if operator == "^" else max(len(bound) - 1, 1)
    return {
        "=": meet(version, number),
        "==": inside if wild else same_release(version, number),
        "!=": not (inside and wild),
        "~": newest >= bound and newest[:kept] == bound[:kept],
        "^": newest >= bound and newest[:kept] == bound[:kept],
        ">=": newest >= bound,
        ">": newest > bound,
        "<=": newest <= bound or (inside and wild),
        "<": newest < bound,
    }[operator]


def numbers(version: str) -> tuple[int, ...]:
    """`3.8.18` -> 3, 8, 18."""
    return tuple(int(part) for part in version.split(".") if part.isdecimal())
