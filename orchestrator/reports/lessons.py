"""The shapes of what `isolate lab` answers with --json."""

from __future__ import annotations

from typing import Literal, NotRequired

from typing_extensions import TypedDict

from orchestrator.reports.document import Schema


class Lesson(TypedDict):
    """What every answer has."""

    schema: Schema
    exit_code: int


class LabListed(TypedDict):
    """A lab, and how many of its steps are done."""

    name: str
    title: str
    summary: str
    minutes: int
    steps: int
    passed: int
    current: bool


class Labs(Lesson):
    """`isolate lab list`, in the order of the course."""

    labs: list[LabListed]


class StepSeen(TypedDict):
    """One step, and whether it is done."""

    name: str
    passed: bool


class LabSeen(TypedDict):
    """Where a learner is: `step` is the current one, `number` its place from 1, `passed` whether it is done."""

    name: str
    title: str
    folder: str
    step: str
    number: int
    steps: list[StepSeen]
    passed: bool
    finished: bool


class FindingSeen(TypedDict):
    """What came of one check; `infrastructure` proves nothing."""

    outcome: Literal["pass", "fail", "infrastructure"]
    wanted: str
    seen: str


class Learned(Lesson):
    """`isolate lab` start, text, next (with `text`), check (`passed`, `findings`), hint (`hints`), solve and reset
    (`aside`, where the learner's files are kept), status (null where no lab was begun).
    """

    lab: LabSeen | None
    text: NotRequired[str]
    passed: NotRequired[bool]
    findings: NotRequired[list[FindingSeen]]
    hints: NotRequired[list[str]]
    aside: NotRequired[str | None]


class StepProved(TypedDict):
    """One step: what its check took on the solution, and all that does not hold.

    `unsure` says why nothing was proved: the machine is at fault, not the lab.
    """

    lab: str
    step: str
    seconds: float
    wrong: list[str]
    unsure: NotRequired[str]


class Proofs(Lesson):
    """`isolate lab selftest`; `prepare` with `seconds`, and `bytes` of disk, null where that is unknown."""

    steps: list[StepProved]
    labs: NotRequired[list[str]]
    seconds: NotRequired[float]
    bytes: NotRequired[int | None]


class Needed(Lesson):
    """`isolate lab prepare --dry-run`; `free` in bytes, null where that is not known."""

    labs: list[str]
    runtimes: list[str]
    free: int | None
    dry_run: Literal[True]


class Skeleton(Lesson):
    """`isolate lab new`: the folder that it wrote."""

    skeleton: str


class Served(Lesson):
    """`isolate lab serve`, as soon as it listens."""

    url: str


LessonDocument = Labs | Learned | Proofs | Needed | Skeleton | Served
