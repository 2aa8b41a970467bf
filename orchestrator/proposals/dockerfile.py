"""What the last stage of a Dockerfile says: its base, how it starts, where it listens."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from orchestrator.proposals.shell import words
from orchestrator.proposals.values import Words

MOST_LINES = 1000
LONGEST = 4000
"""Of one instruction. A real one is far below both."""
VARIABLE = re.compile(r"\$(?:\{(\w+)(?::?-([^}]*))?\}|(\w+))")
PAIR = re.compile(r"""([A-Za-z_]\w*)=("(?:[^"\\]|\\.)*"|'[^']*'|[^\s"']*)""", re.ASCII)
USUAL = re.compile(
    r"(?:--mount=\S+\s+)*(?:python3? -m )?(?:pip3? install\b.*\s(?:-r|--requirement)\b|npm (?:ci|i|install|run build)\b"
    r"|bundle install\b|composer install\b|dotnet (?:restore|build|publish)\b)[^&|;]*"
)
"""Steps that isolate takes by itself."""
HEREDOC = re.compile(r"<<-?[\"']?(\w+)")


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage, with what it inherits. Numbers beside values are lines, from 1; 0 where nothing is said.

    steps: lines of RUN, but of the usual ones.
    """

    base: str = ""
    line: int = 0
    entrypoint: Words = ()
    command: Words = ()
    started: int = 0
    workdir: str = "/"
    environment: Mapping[str, str] = field(default_factory=dict)
    exposed: Mapping[int, int] = field(default_factory=dict)
    asked: tuple[str, int] = ("", 0)
    steps: tuple[int, ...] = ()

    @property
    def start(self) -> Words:
        """The whole command; what stood below the working directory is named from there."""
        below = f"{self.workdir.rstrip('/')}/"
        return tuple(word.removeprefix(below) or "." for word in (*self.entrypoint, *self.command))


def last_stage(text: str, target: str = "") -> Stage | None:
    """The stage that is built: the one called `target`, or the last. None where there is no FROM."""
    arguments: dict[str, str] = {}
    stages: dict[str, Stage] = {}
    stage: Stage | None = None
    for line, name, rest in _instructions(text):
        if name == "FROM":
            if stage and target and _alias(target) in stages and stages[_alias(target)] is stage:
                return stage
            stage, alias = _from(rest, line, arguments, stages)
        elif stage is None:
            arguments |= _pairs(rest) if name == "ARG" else {}
        else:
            stage = _told(stage, name, rest, line, arguments)
        if stage is not None:
            stages[alias] = stage
    return stage


def _alias(name: str) -> str:
    return name.lower()


def _from(rest: str, line: int, arguments: Mapping[str, str], stages: Mapping[str, Stage]) -> tuple[Stage, str]:
    parts = [one for one in rest.split() if not one.startswith("--")]
    base = _filled(parts[0] if parts else "", arguments)
    alias = _alias(parts[2]) if len(parts) > 2 and parts[1].lower() == "as" else f" {line}"
    return stages.get(_alias(base)) or Stage(base, line), alias


def _told(stage: Stage, name: str, rest: str, line: int, arguments: dict[str, str]) -> Stage:
    known = {**arguments, **stage.environment}
    match name:
        case "ENTRYPOINT":
            return replace(stage, entrypoint=_command(rest), command=(), started=line)
        case "CMD":
            return replace(stage, command=_command(rest), started=stage.started if stage.entrypoint else line)
        case "WORKDIR":
            path = _filled(rest.strip().strip("\"'"), known)
            below = path if path.startswith("/") else f"{stage.workdir.rstrip('/')}/{path}"
            return replace(stage, workdir=below[:LONGEST])
        case "ENV":
            return replace(stage, environment={**stage.environment, **_environment(rest)})
        case "EXPOSE":
            ports = dict.fromkeys(_ports(_filled(rest, known)), line)
            return replace(stage, exposed={**stage.exposed, **ports})
        case "HEALTHCHECK":
            return replace(stage, asked=(asked_path(rest), line))
        case "RUN":
            return stage if USUAL.fullmatch(rest.strip()) else replace(stage, steps=(*stage.steps, line))
        case "ARG":
            arguments |= _pairs(rest)
    return stage


def asked_path(text: str) -> str:
    """The path of the first URL in it: what a health check asks for; empty where there is none."""
    found = re.search(r"https?://[\w.\[\]:${}-]{1,200}?(/[!#%-&(-;=?-~]{0,200})", text)
    return found[1].rstrip(")];,") or "/" if found else ""


def _instructions(text: str) -> Iterator[tuple[int, str, str]]:
    """(line, NAME, the rest), with continued lines joined; comments and here-documents left out."""
    lines = text.split("\n")[:MOST_LINES]
    at = 0
    while at < len(lines):
        first = at
        parts: list[str] = []
        while at < len(lines):
            line = lines[at].rstrip()
            at += 1
            if line.lstrip().startswith("#"):
                if not parts:
                    break
                continue
            parts.append(line.removesuffix("\\"))
            if not line.endswith("\\"):
                break
        name, _, rest = " ".join(parts).strip().partition(" ")
        if end := HEREDOC.search(rest) if name.upper() in {"RUN", "COPY"} else None:
            at = next((n + 1 for n in range(at, len(lines)) if lines[n].strip() == end[1]), at)
        if name:
            yield first + 1, name.upper(), rest[:LONGEST]


def _command(rest: str) -> Words:
    """The exec form as it is, the shell form as a shell would read it."""
    try:
        listed = json.loads(rest)
    except (ValueError, RecursionError):
        listed = None
    if isinstance(listed, list) and all(isinstance(one, str) for one in listed):
        return tuple(listed)
    return words(rest)


def _environment(rest: str) -> dict[str, str]:
    name, _, value = rest.strip().partition(" ")
    return _pairs(rest) if "=" in name else {name: value.strip()}


def _pairs(rest: str) -> dict[str, str]:
    return {name: value[1:-1] if value[:1] in {'"', "'"} else value for name, value in PAIR.findall(rest)}


def _filled(text: str, known: Mapping[str, str]) -> str:
    """Variables replaced by what is known of them; the others stay."""
    return VARIABLE.sub(lambda found: known.get(found[1] or found[3]) or found[2] or found[0], text)[:LONGEST]


def _ports(rest: str) -> Iterator[int]:
    for word in rest.split():
        number, _, protocol = word.partition("/")
        if re.fullmatch("[0-9]{1,5}", number) and protocol in {"", "tcp"} and 1 <= int(number) <= 65535:
            yield int(number)
