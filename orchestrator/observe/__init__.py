"""Watches the apps of one box: wait until each is ready, ask its checks once, and say what was seen."""

from orchestrator.observe.checking import check
from orchestrator.observe.fate import cell, failing
from orchestrator.observe.seen import LATE, Seen
from orchestrator.observe.watching import watch

__all__ = ["LATE", "Seen", "cell", "check", "failing", "watch"]
