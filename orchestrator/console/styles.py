"""What outcomes, states and verdicts are coloured with; colour only repeats what the words say."""

from __future__ import annotations

STYLES = {
    **dict.fromkeys(("pass", "healthy", "exited", "no-conflict"), "green"),
    **dict.fromkeys(("fail", "failed", "broken"), "bold red"),
    **dict.fromkeys(("infrastructure", "flaky", "inconclusive", "conflict"), "yellow"),
}


def style(words: str) -> str:
    """The style of an outcome, a state or a verdict; it repeats what the first word says."""
    return STYLES.get(words.split(" ", maxsplit=1)[0], "dim")
