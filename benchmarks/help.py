"""What `isolate --help` costs over a bare Python: interleaved runs, the ratio of each pair.

.venv/bin/python benchmarks/help.py [ROUNDS]
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

COMMANDS = {
    "isolate --help": [sys.executable, "-m", "orchestrator", "--help"],
    "python -c pass": [sys.executable, "-c", "pass"],
}


def seconds(command: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    took = [{name: seconds(command) for name, command in COMMANDS.items()} for _ in range(rounds)]
    for name in COMMANDS:
        values = sorted(one[name] for one in took)
        print(f"{name:16} median {statistics.median(values):.3f} s  ({values[0]:.3f} to {values[-1]:.3f})")
    first, second = COMMANDS
    ratios = sorted(one[first] / one[second] for one in took)
    print(f"{'ratio':16} median {statistics.median(ratios):.1f}    ({ratios[0]:.1f} to {ratios[-1]:.1f})")


if __name__ == "__main__":
    main()
