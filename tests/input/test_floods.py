"""Apps that print without end: the client's memory stays small, and what is left out is said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from isolate import isolate
from measured import measured

MANY_LINES = "import sys\nfor n in range(1_000_000): sys.stdout.write(f'line {n}\\n')"
ONE_LINE = "import sys\nfor n in range(30): sys.stdout.write('x' * 1_000_000)"
BYTES = 100 << 20
KEPT = 1 << 20


@pytest.fixture
def project(engine_url: str) -> Iterator[str]:
    name = f"t-{uuid4().hex[:8]}"
    yield name
    isolate("down", name, url=engine_url)


@pytest.mark.docker
@pytest.mark.parametrize(
    ("program", "printed"),
    [
        pytest.param(
            MANY_LINES,
            sum(len(f"line {n}\n") for n in range(1_000_000)),
            id="1,000,000 lines",
            marks=pytest.mark.torture,
        ),
        pytest.param(ONE_LINE, 30_000_001, id="one line of 30 MB"),
    ],
)
def test_a_flood_is_capped_and_said_to_be(
    program: str, printed: int, engine_url: str, project: str, tmp_path: Path
) -> None:
    checks = [{"exit": 0, "stdout": "line 999999"}]
    app = {
        "runtime": "python@3.12",
        "command": ["python", "-c", program],
        "healthcheck": {"retries": 600},
        "checks": checks,
    }
    path = tmp_path / "manifest.yaml"
    path.write_text(json.dumps({"name": project, "apps": {"loud": app}, "shared": []}))
    ran = measured("up", str(path), "--json", url=engine_url, seconds=300, XDG_STATE_HOME=str(tmp_path))
    assert ran.peak < BYTES
    assert ran.code == 1
    (check,) = json.loads(ran.stdout)["apps"]["loud"]["checks"]
    assert check["detail"].endswith(f"; {printed - KEPT} bytes more were printed, and not looked at")
    (log,) = tmp_path.glob("isolate/runs/*/*/logs/isolated*.log")
    kept = log.read_bytes()
    assert kept[KEPT:] == f"\n({printed - KEPT} bytes more are left out)\n".encode()
    shown = measured("logs", str(path), url=engine_url, seconds=60)
    assert (shown.code, shown.peak < BYTES) == (0, True)
    assert "of what loud has printed only the last is kept: its log is capped" in shown.stderr
    assert len(shown.stdout) < 4 << 20
