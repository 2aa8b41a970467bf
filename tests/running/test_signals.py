"""The first signal asks, the second ends; what cleans up is not cut short."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

BEGIN = """\
import os, signal
from orchestrator.running.signals import interruptible, undisturbed
def send(number=signal.SIGTERM): os.kill(os.getpid(), number)
"""


def ended(code: str, **facts: object) -> subprocess.CompletedProcess[str]:
    """A Python program of its own, since signals belong to the whole process."""
    return subprocess.run(  # type: ignore[call-overload, no-any-return]
        [sys.executable, "-c", BEGIN + code], capture_output=True, text=True, timeout=60, check=False, **facts
    )


def test_the_first_signal_stops_what_is_under_way_and_interrupts() -> None:
    ran = ended("""
try:
    with interruptible(lambda: print("stopped"), "isolate down x"): send(); print("went on")
except KeyboardInterrupt: print("interrupted")
""")
    assert ran.stdout == "stopped\ninterrupted\n"


def test_a_signal_while_it_is_cleaned_up_waits_until_that_has_ended() -> None:
    ran = ended("""
with interruptible():
    with undisturbed("isolate down x"): send(); print("cleaned")
    print("ended")
""")
    assert (ran.returncode, ran.stdout) == (0, "cleaned\nended\n")


def test_who_has_no_other_end_for_it_is_interrupted_when_it_is_clean() -> None:
    """A test of the pytest plugin's user, say: pytest itself has to hear of Ctrl-C."""
    ran = ended("""
try:
    with undisturbed("isolate down x"): send(); print("cleaned")
except KeyboardInterrupt: print("interrupted")
""")
    assert ran.stdout == "cleaned\ninterrupted\n"


def test_a_second_signal_ends_at_once_with_the_command_that_cleans_up() -> None:
    ran = ended("""
with undisturbed("isolate down x removes what is left"):
    try:
        with interruptible(advice="isolate down x"): send()
    except KeyboardInterrupt: send(signal.SIGINT); print("went on")
""")
    assert (ran.returncode, ran.stdout) == (130, "")
    assert "ended at once; isolate down x removes what is left" in ran.stderr


def test_a_signal_before_the_run_begins_is_heard_when_it_does() -> None:
    ran = ended("""
with undisturbed("isolate down x"):
    send()
    try:
        with interruptible(lambda: print("stopped"), "isolate down x"): print("began")
    except KeyboardInterrupt: print("interrupted")
""")
    assert ran.stdout == "stopped\ninterrupted\n"


def test_after_it_all_a_signal_is_a_first_one_again() -> None:
    ran = ended("""
for _ in range(2):
    try:
        with interruptible(): send()
    except KeyboardInterrupt: print("interrupted")
""")
    assert ran.stdout == "interrupted\ninterrupted\n"


def test_a_hang_up_stays_ignored_under_nohup_and_ctrl_c_does_not_in_the_background() -> None:
    ran = ended("""
signal.signal(signal.SIGHUP, signal.SIG_IGN); signal.signal(signal.SIGINT, signal.SIG_IGN)
try:
    with interruptible(): send(signal.SIGHUP); print("went on"); send(signal.SIGINT)
except KeyboardInterrupt: print("interrupted")
""")
    assert ran.stdout == "went on\ninterrupted\n"


def test_a_signal_is_heard_although_the_terminal_is_gone() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    code = """
try:
    with interruptible(lambda: print("stopped"), "isolate down x"): send()
except KeyboardInterrupt: print("interrupted")
os._exit(print(flush=True) or 0)
"""
    with subprocess.Popen([sys.executable, "-c", BEGIN + code], stdout=subprocess.PIPE, stderr=writer) as process:
        os.close(writer)
        assert process.communicate(timeout=60)[0] == b"stopped\ninterrupted\n\n"


def test_until_a_verb_begins_a_signal_just_ends() -> None:
    ran = ended("""
import sys
from orchestrator.__main__ import main
class Finder:
    def find_spec(self, name, *_):
        if name == "orchestrator.cli": send()
sys.meta_path.insert(0, Finder())
main()
""")
    assert (ran.returncode, ran.stderr) == (130, "")


def test_ctrl_c_exits_130_wherever_it_came(tmp_path: Path) -> None:
    """Python remembers one that came while it ran a text, and ends itself by it although it was handled."""
    (tmp_path / "again.py").write_text("""
from orchestrator import __main__, cli
def main():
    try: exec("raise KeyboardInterrupt")
    except KeyboardInterrupt: return 130
cli.main = main
raise SystemExit(__main__.main())
""")
    ran = subprocess.run([sys.executable, "-m", "again"], cwd=tmp_path, timeout=60, check=False)
    assert ran.returncode == 130
