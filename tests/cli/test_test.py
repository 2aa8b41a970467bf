"""`isolate test` and `report` from the outside: exit codes, reports, and nothing left up."""

from __future__ import annotations

import json
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import docker
import pytest

from isolate import document, isolate, write

ROOT = Path(__file__).parents[2]
NOWHERE = "unix:///nowhere"
PORTED = """\
import importlib.util
def campaign(name):
    spec = importlib.util.spec_from_file_location(name, os.path.join(CAMPAIGNS, name + ".py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def link("""
JOB = {"runtime": "python@3.12", "command": ["python", "-c", "pass"]}


@pytest.fixture
def pair(tmp_path: Path) -> Path:
    """The flagship pair of Pythons, in a folder of its own and under a name of its own: a demo may have it up."""
    folder = Path(shutil.copytree(ROOT / "apps/python", tmp_path / "pair"))
    manifest = folder / "manifest.yaml"
    manifest.write_text(manifest.read_text().replace("name: python-3.8-vs-3.12", "name: t-tested-pair"))
    return folder


@pytest.fixture
def holds(engine_url: str, pair: Path) -> Iterator[Any]:
    """Names of the containers and networks that the pair's manifest has on the engine."""
    from orchestrator.running import owner

    whose = {"label": f"io.isolate.owner={owner(pair / 'manifest.yaml')}"}
    with closing(docker.APIClient(base_url=engine_url)) as client:
        yield lambda: [
            *(name for one in client.containers(all=True, filters=whose) for name in one["Names"]),
            *(one["Name"] for one in client.networks(filters=whose)),
        ]
    isolate("down", str(pair / "manifest.yaml"), url=engine_url)


def cases(path: Path) -> dict[str, str]:
    """Test cases of a JUnit file, each with what became of it."""
    found = {}
    for case in ET.parse(path).iter("testcase"):
        bad = [child.tag for child in case if child.tag in {"failure", "error", "skipped"}]
        found[f"{case.get('classname')} {case.get('name')}"] = bad[0] if bad else "passed"
    return found


@pytest.mark.docker
def test_a_conflict_that_is_expected_passes_and_leaves_nothing_up(engine_url: str, pair: Path, holds: Any) -> None:
    files = [f"--{form}={pair / form}" for form in ("junit", "html", "markdown", "svg")]
    ran = isolate("test", str(pair / "manifest.yaml"), *files, url=engine_url)
    assert ran.returncode == 0, ran.stderr
    assert "one-runtime: conflict (runtime), as expected" in ran.stdout
    assert "3 passed, 0 failed" in ran.stdout
    assert "http://127.0.0.1" not in ran.stdout
    assert set(cases(pair / "junit").values()) == {"passed"}
    assert all("No module named" in (pair / form).read_text() for form in ("junit", "html", "markdown", "svg"))
    assert holds() == []


@pytest.mark.docker
def test_a_conflict_that_is_ported_away_fails_until_it_is_back(engine_url: str, pair: Path) -> None:
    manifest = str(pair / "manifest.yaml")
    before = shutil.copytree(pair / "legacy", pair / "before")
    app = (pair / "legacy" / "app.py").read_text().replace("import imp\n", "")
    (pair / "legacy" / "app.py").write_text(app[: app.index("def campaign(")] + PORTED + app.partition("def link(")[2])
    (pair / "legacy" / "requirements.txt").write_text("requests==2.32.3\n")
    ported = isolate("test", manifest, "--junit", str(pair / "junit.xml"), url=engine_url)
    assert ported.returncode == 1, ported.stderr
    assert "no-conflict, but the manifest expects conflict" in ported.stdout
    assert "2 passed, 1 failed" in ported.stdout
    assert "failure" in cases(pair / "junit.xml").values()
    shutil.rmtree(pair / "legacy")
    before.rename(pair / "legacy")
    assert isolate("test", manifest, url=engine_url).returncode == 0


@pytest.mark.docker
def test_a_conflict_for_another_reason_fails(engine_url: str, pair: Path) -> None:
    manifest = pair / "manifest.yaml"
    manifest.write_text(manifest.read_text().replace("No module named 'imp'", "Permission denied"))
    ran = isolate("test", str(manifest), "--json", url=engine_url)
    (entry,) = document(ran)["shared"]
    assert (ran.returncode, entry["verdict"], entry["as_expected"]) == (1, "conflict", False)


@pytest.mark.docker
def test_what_up_has_left_stays_as_it_is(engine_url: str, pair: Path, holds: Any) -> None:
    manifest = str(pair / "manifest.yaml")
    assert isolate("up", manifest, "--arm", "isolated", url=engine_url).returncode == 0
    before = holds()
    assert isolate("test", manifest, "--app", "modern", url=engine_url).returncode in {0, 1}
    assert holds() == before != []


@pytest.mark.docker
def test_a_job_of_github_gets_annotations_and_a_summary(engine_url: str, pair: Path, tmp_path: Path) -> None:
    page = tmp_path / "summary.md"
    page.write_text("# what another step wrote\n")
    manifest = pair / "manifest.yaml"
    manifest.write_text(manifest.read_text().replace("verdict: conflict, kind: runtime, because", "because"))
    manifest.write_text(manifest.read_text().replace("No module named 'imp'", "Permission denied"))
    job = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(page)}
    ran = isolate("test", str(manifest), url=engine_url, environment=job)
    (told,) = [line for line in ran.stderr.splitlines() if line.startswith("::error ")]
    assert f"file={manifest},line=29" in told
    assert page.read_text().startswith("# what another step wrote\n")
    assert "No module named 'imp'" in page.read_text()


@pytest.mark.docker
def test_the_reports_are_made_again_from_what_a_run_has_left(engine_url: str, pair: Path, tmp_path: Path) -> None:
    state = {"XDG_STATE_HOME": str(tmp_path / "state")}
    forms = ("junit", "html", "markdown", "svg")
    first = [f"--{form}={tmp_path / form}" for form in forms]
    ran = isolate("test", str(pair / "manifest.yaml"), "--json", *first, url=engine_url, environment=state)
    again = [f"--{form}={tmp_path / form}-2" for form in forms]
    project = document(ran)["project"]
    told = isolate("report", project, *again, url=NOWHERE, environment=state)
    assert told.returncode == 0, told.stderr
    assert all((tmp_path / form).read_bytes() == (tmp_path / f"{form}-2").read_bytes() for form in forms)
    assert document(isolate("report", "--json", url=NOWHERE, environment=state)) == document(ran)


def test_a_run_that_never_began_is_reported_too(tmp_path: Path) -> None:
    path = write(tmp_path, "t-never", {"one": JOB})
    dead = isolate("test", path, "--junit", str(tmp_path / "dead.xml"), url=NOWHERE)
    assert (dead.returncode, list(cases(tmp_path / "dead.xml").values())) == (75, ["error"])
    wrong = write(tmp_path, "t-wrong", {"one": {**JOB, "runtime": "python@9.9"}})
    refused = isolate("test", wrong, "--junit", str(tmp_path / "wrong.xml"), url=NOWHERE)
    assert (refused.returncode, list(cases(tmp_path / "wrong.xml").values())) == (2, ["error"])
    assert "python@9.9 is not in the catalogue" in (tmp_path / "wrong.xml").read_text()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--junit", "t-files.yaml/junit.xml"], "--junit t-files.yaml/junit.xml cannot be written"),
        (["--html", "."], "--html . cannot be written"),
        (["--html", "one", "--markdown", "one"], "something else is written there"),
        (["--json", "--junit", "-"], "something else is written there"),
    ],
)
def test_a_report_that_cannot_be_written_is_refused_before_anything_is_run(
    words: list[str], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = isolate("test", write(tmp_path, "t-files", {"one": JOB}), *words, url=NOWHERE)
    assert ran.returncode == 2
    assert says in ran.stderr


def test_the_plan_is_printed_without_an_engine(tmp_path: Path) -> None:
    page = tmp_path / "new" / "page.html"
    ran = isolate("test", write(tmp_path, "t-dry", {"one": JOB}), "--dry-run", "--html", str(page), url=NOWHERE)
    assert ran.returncode == 0
    assert not page.parent.exists()
    assert "one" in ran.stdout


def test_a_report_of_no_run_says_which_there_are(tmp_path: Path) -> None:
    state = {"XDG_STATE_HOME": str(tmp_path)}
    ran = isolate("report", "nobody", "--html", str(tmp_path / "page.html"), url=NOWHERE, environment=state)
    assert ran.returncode == 3
    assert "there is no run of nobody" in ran.stderr
    assert "none; isolate up MANIFEST leaves one" in ran.stderr
    (tmp_path / "empty").mkdir()
    ran = isolate("report", str(tmp_path / "empty"), "--html", str(tmp_path / "page.html"), url=NOWHERE)
    assert ran.returncode == 2
    assert "no run is recorded here" in ran.stderr


def test_json_on_stdout_is_the_document_alone(tmp_path: Path) -> None:
    ran = isolate("test", write(tmp_path, "t-json", {"one": JOB}), "--json", url=NOWHERE)
    assert json.loads(ran.stdout)["exit_code"] == ran.returncode == 75
