"""One command in a process of its own: its processor time, its memory at the most, how often it called an engine."""

from __future__ import annotations

import os
import resource
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

# VmHWM is the process's own high water mark; what `wait4` tells has in it that of the process that forked.
_PROGRAM = """\
import sys
from orchestrator.cli import main
code = main(sys.argv[1:])
with open("/proc/self/status") as status:
    peak = next(line for line in status if line.startswith("VmHWM:"))
print(peak, file=sys.stderr)
sys.exit(code)
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """`seconds` are of processor, the interpreter's start and end included; `peak` is in bytes.

    What the clock shows depends on what else the machine does; that nothing waits is what a deadline is for.
    """

    code: int
    seconds: float
    peak: int
    stdout: str
    stderr: str


@dataclass(slots=True)
class Counter:
    """Stands where an engine would; whoever connects is counted and let go."""

    url: str
    connections: int = 0
    _listener: socket.socket = field(default_factory=lambda: socket.socket(socket.AF_UNIX), repr=False)

    def serve(self) -> None:
        with suppress(OSError):
            while True:
                self._listener.accept()[0].close()
                self.connections += 1


@contextmanager
def counter(folder: Path) -> Iterator[Counter]:
    """An engine's socket in `folder`, at which connections are counted."""
    path = folder / "engine.sock"
    made = Counter(f"unix://{path}")
    with made._listener as listener:
        listener.bind(str(path))
        listener.listen(64)
        threading.Thread(target=made.serve, daemon=True).start()
        yield made
        listener.shutdown(socket.SHUT_RDWR)


def measured(*words: str, url: str, seconds: float = 20, **variables: str) -> Measured:
    """Run `isolate WORDS` with the engine at `url`."""
    ours = {name: value for name, value in os.environ.items() if name != "CI" and not name.startswith("GITHUB_")}
    environment = {**ours, "DOCKER_HOST": url, **variables}
    command = (sys.executable, "-c", _PROGRAM, *words)
    before = _spent()
    ran = subprocess.run(
        command,
        capture_output=True,
        text=True,
        errors="replace",
        env=environment,
        timeout=seconds,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    peak = int(ran.stderr.rpartition("VmHWM:")[2].split()[0]) * 1024
    return Measured(ran.returncode, _spent() - before, peak, ran.stdout, ran.stderr)


def _spent() -> float:
    """Seconds of processor of all processes that this one has started and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
