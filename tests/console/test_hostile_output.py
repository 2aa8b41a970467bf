"""What apps and builds print is shown, and never acts."""

from __future__ import annotations

import io

import pytest
from golden import drawn

import scenarios
from orchestrator import console
from orchestrator.console.final import final
from orchestrator.console.live import frame
from orchestrator.console.plain import told
from orchestrator.picture import Picture, after, picture
from scenarios import PAYLOADS

ACTING = {chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))} - {"\n"} | set("\u202e\u2066\u2069\ud800")


def shown(payload: str) -> dict[str, str]:
    """Everything that the payload reaches."""
    of, story = scenarios.hostile(payload)
    seen = Picture()
    frames = []
    for at, event in story:
        seen = after(seen, event, at)
        frames.append(drawn(frame(seen, at), 80))
    return {
        "live": "".join(frames),
        "plain": "\n".join(line for at, event in story if (line := told(at, event))),
        "final": drawn(final(picture(event for _, event in story), of, ["apps/pair.yaml"]), 80),
    }


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
def test_no_character_that_acts_reaches_the_screen(payload: str) -> None:
    assert not [name for name, text in shown(payload).items() if ACTING & set(text)]


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
def test_no_line_begins_with_a_command_of_a_ci_service(payload: str) -> None:
    begins = [line.lstrip()[:3] for text in shown(payload).values() for line in text.splitlines()]
    assert not [begin for begin in begins if begin.startswith(("::", "##["))]


def test_markup_is_shown_as_it_was_printed() -> None:
    assert all("[red]red[/red]" in text for text in shown(":skull: [red]red[/red] [/nothing]").values())
    assert all(":skull:" in text for text in shown(":skull: [red]red[/red] [/nothing]").values())


@pytest.mark.parametrize("name", ["a megabyte", "many lines"])
def test_a_flood_is_cut(name: str) -> None:
    texts = shown(PAYLOADS[name])
    assert max(map(len, texts["plain"].splitlines())) < 400
    assert len(texts["final"]) < 10_000


def test_characters_that_the_stream_lacks_are_written_by_number(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    stream = io.TextIOWrapper(written, encoding="ascii")
    monkeypatch.setattr("sys.stdout", stream)
    of, story = scenarios.hostile("\u5f71\u5e2b")
    console.summary([event for _, event in story], of, ["apps/pair.yaml"])
    stream.flush()
    assert rb"\u5f71\u5e2b" in written.getvalue()
