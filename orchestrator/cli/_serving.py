"""`isolate lab serve`: the workshop page, as long as the command runs."""

from __future__ import annotations

import argparse
import sys
import threading
from pathlib import Path

from orchestrator.cli._answer import answer


def serve_(args: argparse.Namespace) -> int:
    """Until Ctrl-C, which ends a check that is under way as well. Raises UsageError, Unavailable."""
    from orchestrator.lab.page.server import serving
    from orchestrator.lab.page.workshop import Workshop

    with serving(Workshop(Path(args.labs) if args.labs else None), args.port) as site:
        lines = ["the workshop, for this machine alone; Ctrl-C ends it:", f"  {site.address}"]
        answer(args, {"url": site.address}, lines)
        sys.stdout.flush()
        if not args.no_browser:
            _open(site.opening)
        threading.Event().wait()
    return 0


def _open(address: str) -> None:
    """In a thread: a browser in the terminal itself would only return when it is left."""
    import webbrowser

    threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
