"""One folder -> the app in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from orchestrator.family import Family
from orchestrator.manifest.runtime import Known
from orchestrator.proposals import runtimes, starts
from orchestrator.proposals.names import variable, writable
from orchestrator.proposals.ports import ports
from orchestrator.proposals.sources import Sources
from orchestrator.proposals.values import Chosen, ProposedApp, Start

MOST_VARIABLES = 50
MOST_STEPS = 8
ELSEWHERE = ("php-fpm", "apache2-foreground", "nginx", "mvn", "gradle", "./mvnw", "./gradlew")
"""Programs that isolate's boxes do not hold."""


def app(told: Sources, known: Known) -> ProposedApp | None:
    """None where the folder names no runtime. The name is given by who knows the others."""
    chosen = runtimes.chosen(told.tree, told.place, told.images, known)
    if chosen is None:
        return None
    said = _said(told)
    runs = said and _runs(said, told)
    start = said if runs else _guessed(chosen, told)
    listens, source = ports(told, start)
    environment = _environment(told, known.families.get(chosen.family))
    return ProposedApp(
        name="",
        folder=told.place.path,
        chosen=chosen,
        start=start,
        ports=listens,
        listens=source,
        asked=_asked(told),
        environment={name: text for name, text in environment.items() if text is not None},
        depends_on=told.service.depends_on if told.service else {},
        notes=(
            *_unused(said if not runs else None),
            *runtimes.wordless(told.place, known.families, chosen.family),
            *_notes(told, chosen, environment),
        ),
    )


def _guessed(chosen: Chosen, told: Sources) -> Start | None:
    found = starts.procfile(told.place) or starts.guess(chosen.family, told.tree, told.place)
    return found if found and all(writable(word, lines=True) for word in found.command) else None


def _said(told: Sources) -> Start | None:
    """What Compose or the Dockerfile says. Compose's `command` replaces CMD, its `entrypoint` both."""
    service, stage = told.service, told.stage
    if service and (service.command or service.entrypoint):
        before = service.entrypoint or (stage.entrypoint if stage else ())
        return Start((*before, *service.command), told.listed("command", "entrypoint"))
    return Start(stage.start, f"{told.docker}:{stage.started}") if stage and stage.start else None


def _runs(start: Start, told: Sources) -> bool:
    """Whether a box can run it: no server of another image, no archive that only the Dockerfile makes."""
    program = start.command[0]
    missing = any(word.endswith(".jar") and not told.tree.holds(told.place.path, word) for word in start.command)
    written = all(writable(word, lines=True) for word in start.command)
    return written and program not in {"", *ELSEWHERE} and "=" not in program and not missing


def _unused(said: Start | None) -> Iterator[str]:
    if said:
        yield f"{said.source} says how it is started, which isolate's box has no program for: {' '.join(said.command)}"


def _asked(told: Sources) -> tuple[str, str]:
    """The path of the first check, which a health check may name."""
    if told.service and told.service.asked:
        return told.service.asked, told.listed("healthcheck")
    path, line = told.stage.asked if told.stage else ("", 0)
    return (path, f"{told.docker}:{line}") if path else ("/", "")


def _environment(told: Sources, family: Family | None) -> dict[str, str | None]:
    """None for a variable that cannot be taken over; those that the family sets itself are nobody's."""
    ours = family.environment(1) if family else {}
    said: dict[str, str | None] = {
        **(told.stage.environment if told.stage else {}),
        **(told.service.environment if told.service else {}),
    }
    found = [name for name in said if variable(name) and name not in ours][:MOST_VARIABLES]
    return {name: _value(said[name]) for name in found}


def _value(text: str | None) -> str | None:
    return text if text is not None and "$" not in text and writable(text, lines=True) else None


def _notes(told: Sources, chosen: Chosen, environment: Mapping[str, str | None]) -> Iterator[str]:
    if unknown := [name for name, text in environment.items() if text is None]:
        yield f"not taken over: variables whose values are not written out: {', '.join(unknown)}"
    if told.stage and told.stage.steps:
        lines = ", ".join(map(str, told.stage.steps[:MOST_STEPS]))
        yield f"not taken over: RUN ({told.docker}, line {lines}); Debian packages go into system_packages"
    if told.service and told.service.left:
        yield f"not taken over: {', '.join(told.service.left)} ({told.listed(*told.service.left)})"
    if chosen.family == "java" and "<dependency>" in told.place.texts.get("pom.xml", ""):
        yield "Maven is not run: the jars that pom.xml asks for have to lie in the folder"
