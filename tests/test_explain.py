"""`isolate explain`: the lines it names, the observations behind them, and where there is nothing to explain."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from isolate import document, isolate, write
from orchestrator import explain
from orchestrator.arms import Conductor
from orchestrator.engines import Built
from orchestrator.engines.memory import MemoryEngine
from orchestrator.errors import Unavailable
from orchestrator.events import Event, Explained, VerdictReached
from orchestrator.experiment import Options
from orchestrator.explain import demands, uv
from orchestrator.host import Host
from orchestrator.memory import Memory, Said
from orchestrator.model import Explanation, Mark, SharedEntry
from orchestrator.plan import Plan
from orchestrator.runtimes import families
from worlds import bases, manifest, plan, scripted, service

OLD, MID, NEW = "python@3.8", "python@3.10", "python@3.12"
NOWHERE = Host({"python/pip.conf": b"[global]\nindex-url = http://127.0.0.1:9/simple\n"}, {})


def why(drawn: Plan, engine: MemoryEngine, tmp_path: Path) -> Explanation | None:
    events: list[Event] = []
    conductor = Conductor(engine, families(), events.append, bases, memory=Memory(use=False, folder=tmp_path))
    explain.conduct(conductor, drawn, Options(), NOWHERE)
    return next((event.explanation for event in events if isinstance(event, Explained)), None)


def test_of_three_apps_only_the_two_that_cannot_share_are_named(tmp_path: Path) -> None:
    drawn = plan(manifest(service("legacy", OLD), service("easy", OLD), service("modern", NEW)))
    found = why(drawn, scripted(drawn, {"legacy": {OLD}, "easy": {OLD, NEW}, "modern": {NEW}}), tmp_path)
    assert found
    assert [(one.app, one.text) for one in found.demands] == [("legacy", OLD), ("modern", NEW)]
    proofs = [(proof.without.app if proof.without else None, proof.outcome) for proof in found.certificate]
    assert proofs == [(None, "fails"), ("legacy", "passes"), ("modern", "passes")]
    assert found.because[0].startswith("Because legacy needs python 3.8 (manifest.yaml:5) but the box holds 3.12.1")
    assert all(found.assumed)


def test_three_apps_of_which_each_pair_could_share_are_all_named(tmp_path: Path) -> None:
    drawn = plan(manifest(service("a", OLD), service("b", MID), service("c", NEW)))
    runs = {"a": {OLD, MID}, "b": {MID, NEW}, "c": {NEW, OLD}}
    found = why(drawn, scripted(drawn, runs), tmp_path)
    assert found
    assert [one.app for one in found.demands] == ["a", "b", "c"]
    assert [proof.outcome for proof in found.certificate] == ["fails", "passes", "passes", "passes"]


def test_where_one_app_fails_by_itself_the_entry_is_the_other_line(tmp_path: Path) -> None:
    entry = SharedEntry("only-new", apps=("legacy", "modern"), versions=(NEW,), mark=Mark("manifest.yaml", 30, 5))
    drawn = plan(manifest(service("legacy", OLD), service("modern", NEW), shared=(entry,)))
    found = why(drawn, scripted(drawn, {"legacy": {OLD}, "modern": {NEW}}), tmp_path)
    assert found
    assert [(one.app, one.text) for one in found.demands] == [("legacy", OLD), ("only-new", f"versions {NEW}")]


def test_no_conflict_needs_no_explanation(tmp_path: Path) -> None:
    drawn = plan(manifest(service("a", OLD), service("b", OLD)))
    assert why(drawn, scripted(drawn, {"a": {OLD}, "b": {OLD}}), tmp_path) is None


def test_an_observation_that_fails_for_the_network_explains_nothing(tmp_path: Path) -> None:
    drawn = plan(manifest(service("a", OLD), service("b", NEW), service("c", NEW)))
    events: list[Event] = []

    def refuse(image: object) -> Built | None:
        judged = any(isinstance(event, VerdictReached) for event in events)
        return Built(ok=False, tail=("Temporary failure in name resolution",)) if judged else None

    steady = scripted(drawn, {"a": {OLD}, "b": {NEW}, "c": {OLD, NEW}})
    engine = MemoryEngine(steady._fate, steady._holds, refuse)
    conductor = Conductor(engine, families(), events.append, bases, memory=Memory(use=False, folder=tmp_path))
    with pytest.raises(Unavailable, match="is not known"):
        explain.conduct(conductor, drawn, Options(), NOWHERE)


def test_lines_of_a_list_keep_their_numbers_and_comments_are_none(tmp_path: Path) -> None:
    from orchestrator.contexts import read
    from orchestrator.files import load

    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "requirements.txt").write_text("# pins\n\nsix==1.16.0  # why\nattrs\n")
    app = {"runtime": NEW, "build": "./app", "command": ["true"], "packages": ["idna"]}
    path = tmp_path / "manifest.yaml"
    path.write_text(f"name: p\napps:\n  one: {app}\n".replace("'", '"'))
    (one,) = load([path]).apps.values()
    found = demands.packages(one, read(one))
    assert found
    assert [(line.text, line.mark.line) for line in found] == [("six==1.16.0", 3), ("attrs", 4), ("idna", 3)]
    assert demands.place(found[0].mark) == "app/requirements.txt:3"


def test_uv_that_cannot_ask_does_not_know(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert uv.ask(["six==1.16.0"], "3.12", NOWHERE) is None
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("UV_OFFLINE", "1")
    assert uv.ask(["six==1.16.0"], "3.12", NOWHERE) is None


def test_an_answer_of_the_resolver_is_taken_from_an_earlier_run_only_where_that_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(*lines: str, use: bool, python: str = "3.12") -> Said | None:
        return uv.Resolver(python, NOWHERE, Memory(use=use, folder=tmp_path)).refused(lines)

    monkeypatch.setattr(uv, "ask", lambda *_: "they differ")
    assert asked("a==1", "a==2", use=False) == Said("they differ")
    monkeypatch.setattr(uv, "ask", lambda *_: None)
    said = asked("a==1", "a==2", use=True)
    assert said
    assert (said.text, bool(said.remembered)) == ("they differ", True)
    assert asked("a==1", "a==2", use=False) is None
    assert asked("a==1", use=True) is None
    assert asked("a==1", "a==2", use=True, python="3.8") is None
    monkeypatch.setenv("UV_EXCLUDE_NEWER", "2024-01-01")
    assert asked("a==1", "a==2", use=True) is None


def test_another_index_is_another_question_and_another_password_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(index: str) -> Said | None:
        host = Host({"python/pip.conf": f"[global]\nindex-url = {index}\n".encode()}, {})
        return uv.Resolver("3.12", host, Memory(use=True, folder=tmp_path)).refused(["a==1"])

    monkeypatch.setattr(uv, "ask", lambda *_: "")
    asked("http://me:old@index.example/simple")
    monkeypatch.setattr(uv, "ask", lambda *_: None)
    assert asked("http://me:new@index.example/simple")
    assert asked("http://me:new@other.example/simple") is None


def test_an_answer_that_is_none_is_not_read_from_memory(tmp_path: Path) -> None:
    for text in ('{"at": "now", "said": null}', '{"at": 1, "said": "so"}', '{"said": "so"}', "", "[" * 99999):
        (tmp_path / "key.json").write_text(text)
        assert Memory(use=True, folder=tmp_path).recall_said("key") is None


CHECK = [{"stdout": "done"}]


@pytest.mark.docker
def test_of_many_lines_the_two_that_cannot_be_installed_together_are_named(engine_url: str, tmp_path: Path) -> None:
    pair = {
        "one": ["attrs==23.2.0", "anyio==4.4.0"],
        "two": ["six==1.16.0", "idna==2.7", "iniconfig==2.0.0"],
    }
    apps = {
        name: {"runtime": NEW, "command": ["python", "-c", "print('done')"], "packages": lines, "checks": CHECK}
        for name, lines in pair.items()
    }
    path = write(tmp_path, "why", apps, shared=[{"order": "together"}])
    state = {"XDG_STATE_HOME": str(tmp_path / "state")}
    ran = isolate("explain", path, "--json", "--progress", "quiet", url=engine_url, environment=state)
    (entry,) = document(ran)["shared"]
    assert (ran.returncode, entry["kind"]) == (0, "packages")
    told = entry["explanation"]
    assert [line["text"] for line in told["lines"]] == ["anyio==4.4.0", "idna==2.7"]
    unplugged = {**state, "UV_OFFLINE": "1", "UV_CACHE_DIR": str(tmp_path / "empty")}
    again = isolate(
        "explain", path, "--json", "--remembered", "--progress", "plain", url=engine_url, environment=unplugged
    )
    assert again.returncode == 0
    (same,) = document(again)["shared"]
    assert same["explanation"]["certificate"] == told["certificate"]
    assert "The resolver said the same at 20" in same["explanation"]["because"][-1]
    assert " building " not in again.stderr
    shown = isolate("explain", path, "--remembered", url=engine_url, environment=unplugged)
    assert re.search(r"[0-9]+ of [0-9]+ cells are remembered, the oldest from 20", shown.stdout)
    assert [proof["outcome"] for proof in told["certificate"]] == ["fails", "passes", "passes"]
    assert all(line["where"].startswith(path) for line in told["lines"])
    assert isolate("ps", "why", "--json", url=engine_url).stdout.count("isolate-why") == 0


@pytest.mark.docker
def test_of_two_packages_with_one_import_name_the_culprit_is_named(engine_url: str, tmp_path: Path) -> None:
    root = Path(__file__).parents[1] / "apps/another-answer/manifest.yaml"
    ran = isolate("explain", str(root), "-p", "why-clobber", "--json", "--progress", "quiet", url=engine_url)
    (entry,) = document(ran)["shared"]
    assert (ran.returncode, entry["kind"]) == (0, "clobber")
    lines = [line["text"] for line in entry["explanation"]["lines"]]
    assert lines == ["python-slugify==8.0.4", "unicode-slugify==0.1.5"]
    assert "slugify/__init__.py" in " ".join(entry["explanation"]["because"])
