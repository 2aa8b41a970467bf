"""A lab, as it is read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from orchestrator.model import Kind, Matcher, VerdictName

Fact = Literal[
    "verdict", "kind", "app", "works_at", "shared", "control", "escapes", "first", "environments", "lines", "stdout"
]
"""What a run can be asked for; `facts` tells what each is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictIs:
    """`isolate test` on a manifest of the learner's comes to this. `over`: in a copy with that overlay laid on it.

    say: what a learner reads of it, as of the other checks.
    """

    manifest: str = "manifest.yaml"
    verdict: VerdictName
    entry: str | None = None
    kind: Kind | None = None
    app: str | None = None
    because: Matcher | None = None
    escape: str | None = None
    exit: int | None = None
    over: str | None = None
    say: str | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """The command that it is asked of."""
        return ("test", self.manifest, "--json")


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandEnds:
    """A command of isolate's ends and says so. within: seconds that it may take until this is so."""

    words: tuple[str, ...]
    exit: int = 0
    stdout: Matcher | None = None
    stderr: Matcher | None = None
    within: int = 0
    over: str | None = None
    say: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerIs:
    """The learner's answer is what the command before it has shown."""

    key: str
    fact: Fact
    at: str | None = None
    entry: str | None = None
    say: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileHolds:
    """A file of the learner's holds a text."""

    path: str
    holds: Matcher
    say: str | None = None


Check = VerdictIs | CommandEnds | AnswerIs | FileHolds


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing to do. `folder` holds its text, its after-word and its solution; `solution` are commands of isolate's.

    `seconds`: what its check may take where all images are there.
    """

    name: str
    title: str
    seconds: int
    solution: tuple[tuple[str, ...], ...]
    checks: tuple[Check, ...]
    hints: tuple[str, ...]
    idea: str
    folder: Path
    text: str
    after: str

    @property
    def manifests(self) -> tuple[str, ...]:
        """The files of the learner's whose projects this step may leave up."""
        named = [check.manifest for check in self.checks if isinstance(check, VerdictIs)]
        commands = [*self.solution, *(check.words for check in self.checks if isinstance(check, CommandEnds))]
        ours = [words[: words.index("--")] if "--" in words else words for words in commands]
        named += [word for words in ours for word in words if word.endswith((".yaml", ".yml"))]
        return tuple(dict.fromkeys(named))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lab:
    """`gallery`: folders of the example apps that the learner gets. `number`: its place in the course."""

    name: str
    title: str
    summary: str
    minutes: int
    number: int
    gallery: tuple[str, ...]
    steps: tuple[Step, ...]
    folder: Path

    def step(self, name: str) -> Step:
        """The step of that name; the first where there is none, as when a lab's author renamed it."""
        return next((step for step in self.steps if step.name == name), self.steps[0])
