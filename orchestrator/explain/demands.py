"""What an app asks for, line by line, each with its place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from orchestrator.model import App, Demand, Mark
from orchestrator.plan import Context


def runtime(app: App) -> Demand:
    """Its runtime."""
    return Demand(app.name, str(app.runtime), app.runtime.source or app.mark)


def key(app: App, name: str) -> Demand:
    """A key of the app in its manifest, `ports` say."""
    return Demand(app.name, name, app.marks.get(name, app.mark))


def packages(app: App, context: Context) -> tuple[Demand, ...] | None:
    """Each line of its lists of packages; None where the lines cannot be parted: a list names other files, has options
    (hashes, say) or lines that go on.
    """
    found = (*_listed(app, context), *_stated(app))
    whole = all(not one.text.startswith("-") and "--" not in one.text and "\\" not in one.text for one in found)
    return found if context.self_contained and whole else None


def _listed(app: App, context: Context) -> Iterator[Demand]:
    for name, place in app.marks.items():
        source = next((file.source for file in context.files if file.path == name and file.source), None)
        if source and place.line == place.column == 1 and Path(place.file).name == name:
            for number, line in enumerate(source.read_text(encoding="utf-8-sig", errors="replace").splitlines(), 1):
                if (text := line.partition(" #")[0].strip()) and not text.startswith("#"):
                    yield Demand(app.name, text, Mark(place.file, number, 1))


def _stated(app: App) -> Iterator[Demand]:
    for number, text in enumerate(app.packages):
        yield Demand(app.name, text, app.marks.get(f"packages.{number}", app.mark))


def said(one: Demand) -> str:
    """`mailer asks for pydantic==1.10.21 (requirements.txt:1)`."""
    return f"{one.app} asks for {one.text} ({place(one.mark)})"


def place(mark: Mark) -> str:
    """`mailer/requirements.txt:1`: the file with its folder, since every app may have one of that name."""
    path = Path(mark.file)
    return f"{'/'.join(path.parts[-2:]) if path.name != 'manifest.yaml' else path.name}:{mark.line}"
