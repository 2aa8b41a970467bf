"""What a user sees when something goes wrong: a message, where, a hint, and the exit code (SPEC: exit codes)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class IsolateError(Exception):
    """A failure with an answer.

    message: what failed and because of what, one sentence.
    where:   the place to look, `file:line:column` or empty.
    hint:    what to do next, with a command to run where there is one.
    excerpt: lines that prove it (a log's tail, the offending line of a file), oldest first.
    others:  what else is wrong, where one failure hides no other.

    `seen` is the result document of the run that it ended, where one had begun.
    """

    exit_code = 70

    def __init__(
        self,
        message: str,
        *,
        where: str = "",
        hint: str = "",
        excerpt: tuple[str, ...] = (),
        others: tuple[IsolateError, ...] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint
        self.excerpt = excerpt
        self.others = others
        self.seen: Mapping[str, Any] | None = None


class UsageError(IsolateError):
    """The command line is off."""

    exit_code = 2


class ManifestError(IsolateError):
    """A manifest breaks a rule; nothing of the engine was touched."""

    exit_code = 2


class NothingSelected(IsolateError):
    """The selection is empty: no app, no entry."""

    exit_code = 3


class Unavailable(IsolateError):
    """Engine, registry, network, disk, memory: infrastructure. It proves nothing; try again."""

    exit_code = 75


class Interrupted(IsolateError):
    """Ctrl-C, or a signal that asks to end; what the command made is gone."""

    exit_code = 130
