"""The launcher of every box, run on this machine by each `sh` that is here."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Timer

import pytest

LAUNCH = Path(__file__).parent.parent / "images" / "launch"
SHELLS = {"sh": ["sh"], "bash": ["bash", "--posix"], "busybox": ["busybox", "sh"]}
SECONDS = 20
WORDS = ["", "two words", "it's", '"quoted"', "a\nb\n", "*", "$HOME", "`id`", "\\", "\\n", "-n", "é", "a;b", "#"]

Lines = list[str]


class Launcher:
    """The launcher with a folder of its own for its fifos."""

    def __init__(self, shell: Sequence[str], folder: Path) -> None:
        self.run = folder / "run"
        self.run.mkdir()
        script = folder / "launch"
        self.cgroup = folder / "cgroup"
        text = LAUNCH.read_text().replace("run=/run/isolate\n", f"run={self.run}\n")
        script.write_text(text.replace("cgroup=/sys/fs/cgroup\n", f"cgroup={self.cgroup}\n"))
        self.environment: dict[str, str] = {}
        self.command = [*shell, str(script)]
        self.started: list[tuple[subprocess.Popen[bytes], Timer]] = []

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        pipe = subprocess.PIPE
        environment = {**os.environ, **self.environment}
        process = subprocess.Popen(
            [*self.command, *words], stdout=pipe, stderr=pipe, env=environment, start_new_session=True
        )
        deadline = Timer(SECONDS, os.killpg, (process.pid, signal.SIGKILL))
        deadline.start()
        self.started.append((process, deadline))
        return process

    def __call__(self, *words: str) -> tuple[int, Lines, Lines]:
        """-> exit code, lines of stdout, lines of stderr"""
        return finish(self.start(*words))

    def end(self) -> None:
        for process, deadline in self.started:
            deadline.cancel()
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()


@pytest.fixture(params=[name for name, argv in SHELLS.items() if shutil.which(argv[0])])
def launch(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Launcher]:
    launcher = Launcher(SHELLS[request.param], tmp_path)
    yield launcher
    launcher.end()


def split(output: bytes) -> Lines:
    """Every line ends in a newline, the last one too."""
    *lines, rest = output.decode(errors="surrogateescape").split("\n")
    assert rest == ""
    return lines


def finish(process: subprocess.Popen[bytes]) -> tuple[int, Lines, Lines]:
    out, err = process.communicate()
    return process.returncode, split(out), split(err)


def read_until(process: subprocess.Popen[bytes], line: str) -> None:
    assert process.stdout
    while (found := process.stdout.readline()) != line.encode() + b"\n":
        assert found, f"ended without {line!r}"


def said(name: str, lines: Lines) -> Lines:
    """What an app printed, its long lines put together again."""
    text = ""
    for line in lines:
        if line.startswith(f"{name}+ "):
            text += line.removeprefix(f"{name}+ ")
        elif line.startswith(f"{name}| "):
            text += line.removeprefix(f"{name}| ") + "\n"
    return split(text.encode(errors="surrogateescape"))


def app(name: str, *words: str, folder: str = "/") -> Lines:
    return ["--app", name, folder, str(len(words)), *words]


def shell(name: str, script: str, *settings: str) -> Lines:
    return app(name, *settings, "sh", "-c", script)


def python(name: str, script: str, *arguments: str) -> Lines:
    return app(name, sys.executable, "-c", script, *arguments)


# --- what apps print -----------------------------------------------------------------------------------------


def test_a_version_command_that_prints_for_ever_is_cut(launch: Launcher) -> None:
    _, out, _ = launch("--ask", "sh", "1", "yes", *shell("a", "sleep 0.1"))
    told = [line for line in out if line.startswith(":runtime sh ")]
    assert told == [":runtime sh y"] * (1 << 15)
    assert ":done" in out


def test_each_stream_of_an_app_keeps_its_place_and_gets_the_apps_name(launch: Launcher) -> None:
    _, out, err = launch(*shell("web", "echo one; echo two >&2; echo three"))
    assert [line for line in out if line != ":done"] == [":start web", "web| one", "web| three", ":exit web 0"]
    assert err == ["web| two"]


def test_a_last_line_without_a_newline_is_not_lost_and_the_exit_stands_on_a_line_of_its_own(launch: Launcher) -> None:
    _, out, err = launch(*shell("a", "printf 'one\\ntail'; printf tail >&2; exit 3"))
    assert said("a", out) == ["one", "tail"]
    assert ":exit a 3" in out
    assert err == ["a| tail"]


def test_a_line_comes_out_while_the_app_goes_on(launch: Launcher) -> None:
    process = launch.start(*shell("a", "echo up; exec sleep 60"))
    read_until(process, "a| up")
    assert process.poll() is None


def test_empty_lines_and_bytes_that_are_no_text_come_out_as_they_went_in(launch: Launcher) -> None:
    _, out, _ = launch(*python("a", r"import os; os.write(1, b'\n\xff\r\x1b[31m\n\n')"))
    assert said("a", out) == ["", "\udcff\r\x1b[31m", ""]


def test_nothing_of_a_long_output_is_lost(launch: Launcher) -> None:
    _, out, _ = launch(*python("a", "for n in range(20000): print(n)"))
    assert said("a", out) == [str(n) for n in range(20000)]


@pytest.mark.parametrize("length", [499, 500, 501, 1000, 1001, 70000])
def test_a_long_line_comes_in_pieces_that_make_the_line_again(launch: Launcher, length: int) -> None:
    script = f"import sys; sys.stdout.write('x' * {length}); sys.stderr.write('y' * {length} + chr(10))"
    _, out, err = launch(*python("a", script))
    assert said("a", out) == ["x" * length]
    assert said("a", err) == ["y" * length]
    assert max(map(len, out)) <= len("a| ") + 500


def test_apps_that_print_long_lines_at_once_never_write_into_each_others_lines(launch: Launcher) -> None:
    script = "import sys\nfor _ in range(300): print(sys.argv[1] * 9000)"
    (launch.run / "a.ready").touch()
    _, out, _ = launch(*python("a", script, "a"), *python("b", script, "b"))
    assert said("a", out) == ["a" * 9000] * 300
    assert said("b", out) == ["b" * 9000] * 300


@pytest.mark.parametrize("lie", [":exit a 0", "\\n:exit a 0", "text\\r:exit a 0", "b| :exit a 0"])
def test_an_app_cannot_print_a_line_of_the_launcher(launch: Launcher, lie: str) -> None:
    _, out, err = launch(*shell("a", f"printf '{lie}'; printf '{lie}' >&2; exit 9"))
    assert [line for line in out if line.startswith(":exit")] == [":exit a 9"]
    assert all(line.startswith("a| ") for line in err)


# --- how apps start ------------------------------------------------------------------------------------------


def test_every_word_of_a_command_arrives_as_it_was_given(launch: Launcher) -> None:
    _, out, _ = launch(*python("a", "import sys; print(ascii(sys.argv[1:]))", *WORDS))
    assert said("a", out) == [ascii(WORDS)]


@pytest.mark.parametrize("value", WORDS)
def test_every_setting_of_an_app_arrives_as_it_was_given(launch: Launcher, value: str) -> None:
    script = "import os; print(ascii(os.environ['SETTING']))"
    _, out, _ = launch(*app("a", f"SETTING={value}", sys.executable, "-c", script))
    assert said("a", out) == [ascii(value)]


def test_what_the_environment_of_the_box_holds_reaches_an_app_unchanged(launch: Launcher) -> None:
    names = sorted(set(re.findall(r"\b(?:_isolate_)?([a-z]+)(?==|\b - | in )", LAUNCH.read_text())))
    assert {"run", "name", "result", "out", "count", "left"} <= set(names)
    launch.environment = {name: f"mine {name}" for name in names}
    _, out, _ = launch(*python("a", f"import os; print([os.environ.get(name) for name in {names}])"))
    assert said("a", out) == [str(list(launch.environment.values()))]


def test_an_app_sees_no_variable_of_the_launcher(launch: Launcher) -> None:
    _, out, _ = launch(*python("a", "import os; print([name for name in os.environ if 'isolate' in name])"))
    assert said("a", out) == ["[]"]


@pytest.mark.parametrize("name", ["2FAST_URL", "with.dots", "name"])
def test_a_setting_may_have_any_name(launch: Launcher, name: str) -> None:
    script = f"import os; print(os.environ[{name!r}])"
    _, out, _ = launch(*app("a", f"{name}=1", sys.executable, "-c", script))
    assert said("a", out) == ["1"]


def test_settings_are_the_apps_own(launch: Launcher) -> None:
    show = "echo ${MINE-none} ${YOURS-none}"
    _, out, _ = launch(*shell("a", show, "MINE=1"), *shell("b", show, "YOURS=2"))
    assert said("a", out) == ["1 none"]
    assert said("b", out) == ["none 2"]


def test_a_path_among_the_settings_decides_which_command_is_found(launch: Launcher, tmp_path: Path) -> None:
    greet = tmp_path / "greet"
    greet.write_text("#!/bin/sh\necho hello\n")
    greet.chmod(0o755)
    _, out, _ = launch(*app("a", f"PATH={tmp_path}:{os.environ['PATH']}", "greet"))
    assert said("a", out) == ["hello"]


def test_an_app_starts_in_its_folder(launch: Launcher, tmp_path: Path) -> None:
    folder = tmp_path / "my apps"
    folder.mkdir()
    _, out, _ = launch(*app("a", "pwd", folder=str(folder)))
    assert said("a", out) == [str(folder)]


def test_a_star_counts_all_the_words_that_are_left(launch: Launcher) -> None:
    _, out, _ = launch("--ask", "sh", "2", "echo", "1.0", "--app", "a", "/", "*", "printf", "%s;", "--app", "b", "*")
    assert said("a", out) == ["--app;b;*;"]


def test_an_app_finds_the_signals_as_a_program_does_that_runs_alone(launch: Launcher) -> None:
    script = "import signal as s; print(*(s.getsignal(n) == s.SIG_IGN for n in (s.SIGINT, s.SIGQUIT, s.SIGTERM)))"
    _, out, _ = launch(*python("a", script))
    assert said("a", out) == ["False False False"]


def test_an_app_inherits_no_file_but_its_three_streams(launch: Launcher) -> None:
    _, out, _ = launch(*python("a", "import os; print(sorted(os.listdir('/proc/self/fd'))[:-1])"))
    assert said("a", out) == ["['0', '1', '2']"]


# --- how apps end --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "code"), [("exit 0", 0), ("exit 150", 150), ("kill -SEGV $$", 139), ("kill -KILL $$", 137)]
)
def test_the_exit_code_of_the_only_app_is_the_launchers(launch: Launcher, script: str, code: int) -> None:
    found, out, err = launch(*shell("a", script))
    assert found == code
    assert f":exit a {code}" in out
    assert err == []


@pytest.mark.parametrize(
    ("words", "code", "reason"),
    [
        (app("a", "no-such-command"), 127, "no-such-command"),
        (app("a", "/etc/passwd"), 126, "/etc/passwd"),
        (app("a", "true", folder="/no/such/folder"), 126, "/no/such/folder"),
    ],
)
def test_an_app_that_cannot_start_says_why_in_its_own_log(
    launch: Launcher, words: Lines, code: int, reason: str
) -> None:
    found, out, err = launch(*words)
    assert found == code
    assert f":exit a {code}" in out
    assert reason in said("a", err)[0]


def test_the_exit_comes_after_the_last_line_of_the_app(launch: Launcher) -> None:
    _, out, _ = launch(*python("a", "import os; os.write(1, b'\\n' * 60000 + b'last')"))
    assert out.index(":exit a 0") > out.index("a| last")


def test_a_child_that_outlives_the_app_does_not_hold_up_its_exit(launch: Launcher) -> None:
    code, out, _ = launch(*shell("a", "sleep 60 & exit 4"))
    assert code == 4
    assert ":exit a 4" in out


@pytest.mark.parametrize(("codes", "code"), [((0, 0, 0), 0), ((0, 5, 6), 5), ((7, 0, 0), 7)])
def test_of_several_apps_the_first_code_in_order_that_is_not_zero_counts(
    launch: Launcher, codes: tuple[int, ...], code: int
) -> None:
    found, out, _ = launch(*(word for n, c in enumerate(codes) for word in shell(f"a{n}", f"exit {c}")))
    assert found == code
    assert [line for line in out if line.startswith(":exit")] == [f":exit a{n} {c}" for n, c in enumerate(codes)]


# --- several apps --------------------------------------------------------------------------------------------


def test_an_app_starts_once_the_one_before_is_said_to_be_ready(launch: Launcher) -> None:
    ready = launch.run / "a.ready"
    process = launch.start(*shell("a", "echo up; exec sleep 60"), *shell("b", f"[ -e {ready} ] && echo after"))
    read_until(process, "a| up")
    ready.touch()
    read_until(process, "b| after")


def test_an_app_starts_once_the_one_before_is_dead(launch: Launcher) -> None:
    _, out, _ = launch(*shell("a", "exit 1"), *shell("b", "echo on"))
    assert out.index(":start b") > out.index(":exit a 1")
    assert said("b", out) == ["on"]


def test_an_app_that_dies_stops_no_other(launch: Launcher, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "go")
    (launch.run / "a.ready").touch()
    process = launch.start(*shell("a", f"read -r word <{tmp_path}/go; echo $word"), *shell("b", "exit 1"))
    read_until(process, ":exit b 1")
    (tmp_path / "go").write_text("on\n")
    code, out, _ = finish(process)
    assert code == 1
    assert said("a", out) == ["on"]


# --- the runtime's own version -------------------------------------------------------------------------------


def test_the_runtimes_answer_each_on_lines_of_the_launcher(launch: Launcher) -> None:
    asks = ["--ask", "python", "3", "sh", "-c", "echo 3.8.18 >&2", "--ask", "dotnet", "2", "printf", "2.2\\n3.1"]
    _, out, _ = launch(*asks, *shell("a", "echo hello"))
    control = [line for line in out if line.startswith((":runtime", ":done"))]
    assert control == [":runtime python 3.8.18", ":runtime dotnet 2.2", ":runtime dotnet 3.1", ":done"]


def test_the_launcher_outlives_its_apps_until_every_runtime_has_answered(launch: Launcher, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pid")
    show = f"read -r pid <{tmp_path}/pid; tr '\\0' ' ' </proc/$pid/cmdline"
    process = launch.start("--ask", "python", "3", "sh", "-c", show, *shell("a", "exit 0"))
    read_until(process, ":exit a 0")
    (tmp_path / "pid").write_text(f"{process.pid}\n")
    _, out, _ = finish(process)
    assert out[0].startswith(":runtime python ")
    assert "--app a" in out[0]
    assert out[1] == ":done"


def test_a_runtime_that_is_missing_says_so_and_stops_nothing(launch: Launcher) -> None:
    code, out, _ = launch("--ask", "python", "2", "no-such-python", "-V", *shell("a", "echo hello"))
    assert code == 0
    assert any(line.startswith(":runtime python ") and "no-such-python" in line for line in out)
    assert said("a", out) == ["hello"]


# --- stopping ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_reaches_every_app_as_term_and_their_last_words_are_heard(launch: Launcher, number: int) -> None:
    script = "trap 'echo bye; exit 6' TERM; echo up; while :; do :; done"
    process = launch.start(*shell("a", script), *shell("b", script))
    read_until(process, "a| up")
    (launch.run / "a.ready").touch()
    read_until(process, "b| up")
    process.send_signal(number)
    code, out, _ = finish(process)
    assert code == 143
    assert "a| bye" in out
    assert "b| bye" in out
    assert {":exit a 6", ":exit b 6"} <= set(out)
    assert out.index(":stopped") < min(out.index(":exit a 6"), out.index(":exit b 6"))
    assert out.count(":stopped") == 1


def test_a_box_that_ends_by_itself_was_not_told_to(launch: Launcher) -> None:
    _, out, _ = launch(*shell("a", "exit 143"))
    assert ":stopped" not in out


def test_after_a_signal_no_further_app_starts(launch: Launcher) -> None:
    process = launch.start(*shell("a", "echo up; exec sleep 60"), *shell("b", "echo never"))
    read_until(process, "a| up")
    process.terminate()
    code, out, _ = finish(process)
    assert code == 143
    assert ":exit a 143" in out
    assert ":start b" not in out


def test_a_word_that_is_no_option_is_refused(launch: Launcher) -> None:
    code, out, err = launch("--apps")
    assert code == 2
    assert ":start" not in " ".join(out)
    assert "--apps" in err[0]


# --- caps that were met ----------------------------------------------------------------------------------------

VERSION_1 = {
    "memory/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n",
    "memory/memory.failcnt": "31\n",
    "pids/pids.events": "max 0\n",
}
VERSION_2 = {"memory.events": "low 0\nhigh 0\nmax 9\noom 1\noom_kill 1\n", "pids.events": "max 3\n"}


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({}, []),
        (VERSION_1, ["memory"]),
        ({**VERSION_1, "memory/memory.failcnt": "0\n"}, []),
        ({**VERSION_1, "memory/memory.oom_control": "oom_kill 0\n", "pids/pids.events": "max 12\n"}, ["pids"]),
        (VERSION_2, ["memory", "pids"]),
        ({"memory.events": "max 9\noom 0\noom_kill 1\n", "pids.events": "max 0\n"}, []),
    ],
    ids=["none", "v1", "v1-of-the-machine", "v1-pids", "v2", "v2-of-the-machine"],
)
def test_a_cap_that_the_kernel_has_counted_is_told_before_the_exit(
    launch: Launcher, files: dict[str, str], told: Lines
) -> None:
    for name, text in files.items():
        (launch.cgroup / name).parent.mkdir(parents=True, exist_ok=True)
        (launch.cgroup / name).write_text(text)
    _, out, err = launch(*shell("web", "exit 3"))
    assert [line for line in out if line != ":done"] == [
        ":start web",
        *(f":limit web {cap}" for cap in told),
        ":exit web 3",
    ]
    assert err == []
