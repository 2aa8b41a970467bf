"""`3.8..3.13`, `python@3.8..3.13`, `3.8,3.12`: which runtimes a search looks at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from orchestrator import catalogue
from orchestrator.errors import UsageError
from orchestrator.model import App, Runtime
from orchestrator.plan.environment import runtime_of


def asked(words: Sequence[str], apps: Mapping[str, App]) -> tuple[Runtime, ...]:
    """The runtimes these words name, oldest first in each family; those that the apps declare where a family has none.

    Raises UsageError for a family that no app has, a version that is not in its catalogue, and an empty range.
    """
    families = list(dict.fromkeys(app.runtime.family for app in apps.values()))
    declared = {str(app.runtime): app.runtime for app in reversed(list(apps.values()))}
    named = [name for word in words for part in word.split(",") for name in _names(part.strip(), families, declared)]
    silent = [family for family in families if not any(name.startswith(f"{family}@") for name in named)]
    whole = {*named, *(name for name, runtime in declared.items() if runtime.family in silent)}
    in_order = sorted(whole, key=lambda name: (families.index(name.split("@")[0]), catalogue.order(name)))
    return tuple(declared.get(name) or runtime_of(name) for name in in_order)


def _names(word: str, families: Sequence[str], declared: Mapping[str, Runtime]) -> list[str]:
    family, _, span = word.rpartition("@")
    if not family and len(families) > 1:
        choices = " or ".join(f"{one}@{word}" for one in families)
        raise UsageError(f"{word!r} of which family?", hint=f"write {choices}")
    family = family or families[0]
    if family not in families:
        raise UsageError(f"no app runs on {family}", hint=f"they run on {', '.join(families)}")
    return between(family, span, [name for name in declared if name.startswith(f"{family}@")])


def between(family: str, span: str, more: Sequence[str] = ()) -> list[str]:
    """`3.8..3.13`, either end may be missing, or one version -> names of runtimes, oldest first.

    `more` are known beside the catalogue. Raises UsageError where nothing is meant by it.
    """
    known = sorted({*(f"{family}@{version}" for version in catalogue.entries(family)), *more}, key=catalogue.order)
    first, dots, last = span.partition("..")
    ends = [f"{family}@{end}" for end in (first, last) if end]
    strangers = [end for end in ends if end not in known]
    if strangers or not (ends or dots):
        raise UsageError(f"{strangers[0] if strangers else span!r} is not known", hint=f"known: {', '.join(known)}")
    if not dots:
        return ends
    low, high = known.index(ends[0]) if first else 0, known.index(ends[-1]) if last else len(known) - 1
    if low > high:
        raise UsageError(f"{span} holds no version: the older one comes first", hint=f"{family}@{last}..{first}")
    return known[low : high + 1]
