"""`python -m orchestrator` is `isolate`: its first and its last moment, in which a signal is no traceback."""

import os
import signal
import sys
from contextlib import suppress

INTERRUPTED = 130


def main() -> int:
    """Nothing is made before a verb begins: until then a signal that asks to end just ends. Returns the exit code."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda *_: os._exit(INTERRUPTED))
    _complete()
    from orchestrator.cli import main as command

    code = command()
    if code == INTERRUPTED:
        _end(code)
    return code


def _complete() -> None:
    """A stream that was closed (`isolate ps >&-`) is /dev/null: no file that is opened later may get its number."""
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, mode, closefd=False))


def _end(code: int) -> None:
    """Begun by `-m`, Python ends itself by SIGINT where Ctrl-C came while it ran a text, as dataclasses have it do."""
    with suppress(OSError):
        sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    sys.exit(main())
