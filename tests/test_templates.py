"""What every Dockerfile of every family keeps to, on both builders."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator import render
from orchestrator.catalogue import entries
from orchestrator.model import App, ContextFile, Image
from orchestrator.plan import Context
from orchestrator.runtimes import families
from tests.worlds import job, manifest, plan, service

HOST = {"ca.pem": b"a certificate", "python/pip.conf": b"[global]", "node/npmrc": b"registry=x"}
"""Settings of the user's machine."""


@pytest.fixture(params=[True, False], ids=["buildkit", "classic"])
def buildkit(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture(params=sorted(families()))
def apps(request: pytest.FixtureRequest) -> tuple[App, App]:
    """A service and a job that brings nothing but its command, on two versions of a family."""
    old, *_, new = (f"{request.param}@{version}" for version in entries(request.param))
    asks = {"system_packages": ("file",), "command": ("serve", 'two "words"')}
    return service("web", old, **asks), job("bare", new, working_dir="/srv/bare")


def images(apps: tuple[App, ...], **facts: object) -> Iterator[Image]:
    drawn = plan(manifest(*apps), render=render.dockerfile, host=HOST, **facts)
    yield from drawn.images.values()
    yield from (trial.image for trial in drawn.trials)


def shared(apps: tuple[App, ...], **facts: object) -> Iterator[str]:
    return (image.dockerfile for image in images(apps, **facts) if image.tag.startswith("isolate/shared"))


def test_the_label_that_makes_it_ours_follows_every_from(apps: tuple[App, App], buildkit: bool) -> None:
    for image in images(apps, buildkit=buildkit):
        for after in image.dockerfile.split("FROM ")[1:]:
            assert after.splitlines()[1] == f'LABEL io.isolate.image="{image.digest}"'


def test_no_dockerfile_asks_for_a_frontend_from_outside(apps: tuple[App, App], buildkit: bool) -> None:
    assert not any(image.dockerfile.startswith("#") for image in images(apps, buildkit=buildkit))


def test_every_app_runs_as_the_user_of_the_box(apps: tuple[App, App]) -> None:
    for image in images(apps):
        assert re.findall(r"^USER (.*)$", image.dockerfile, re.MULTILINE)[-1] == "10001:10001"


def test_an_apps_image_starts_its_command_in_its_folder(apps: tuple[App, App]) -> None:
    for app, image in zip(apps, images(apps), strict=False):
        lines = dict(line.split(" ", 1) for line in image.dockerfile.splitlines() if line[:3] in {"CMD", "ENT", "WOR"})
        ask = families()[app.runtime.family].version_command
        launch = ["/isolate/launch", "--ask", app.runtime.family, str(len(ask)), *ask]
        assert json.loads(lines["ENTRYPOINT"]) == [*launch, "--app", app.name, app.folder, "*"]
        assert json.loads(lines["CMD"]) == list(app.command)
        assert lines["WORKDIR"] == app.folder


def test_a_shared_box_holds_the_folder_and_the_system_packages_of_each_app(apps: tuple[App, App]) -> None:
    both = [text for text in shared(apps) if all(f"WORKDIR {app.folder}\n" in text for app in apps)]
    assert both
    assert all("--no-install-recommends file" in text for text in both)


def test_a_shared_box_takes_each_app_from_its_own_image(apps: tuple[App, App]) -> None:
    own = {image.tag for image in images(apps) if not image.tag.startswith("isolate/shared")}
    for text in shared(apps):
        assert set(re.findall(r"^COPY --from=(\S+) /apps/", text, re.MULTILINE)) <= own


def test_the_classic_builder_sees_no_mount_and_leaves_no_settings_behind(buildkit: bool) -> None:
    app = job("batch", "python@3.12", packages=("six",))
    text = next(images((app,), buildkit=buildkit)).dockerfile
    assert ("--mount" in text) is buildkit
    assert ("RUN rm -r /isolate/host" in text) is not buildkit
    assert "PIP_CERT=" in text


@pytest.mark.parametrize(("order", "installs"), [("together", 1), ("in-order", 2)])
def test_packages_go_in_with_one_call_or_one_app_after_the_other(order: str, installs: int) -> None:
    apps = job("a", "python@3.12", packages=("six",)), job("b", "python@3.12", packages=("attrs",))
    drawn = plan(manifest(*apps), render=render.dockerfile)
    trials = [trial for trial in drawn.trials if trial.lane == order and len(trial.box.launches) == 2]
    assert trials
    assert all(trial.image.dockerfile.count("pip install") == installs for trial in trials)


def test_lists_that_name_other_files_are_read_where_their_app_is() -> None:
    apps = job("a", "python@3.12", build=Path("a"), packages=("six",)), job("b", "python@3.12", packages=("attrs",))
    refers = Context((ContextFile("requirements.txt", source=Path("a")),), "0" * 64, self_contained=False)
    contexts = {"a": refers, "b": Context((), "1" * 64)}
    drawn = plan(manifest(*apps), render=render.dockerfile, contexts=contexts)
    alone = drawn.images["a"].dockerfile
    assert alone.index("COPY app/ /apps/a/\nWORKDIR /apps/a\n") < alone.index("-r requirements.txt")
    both = [trial.image for trial in drawn.trials if len(trial.apps) == 2]
    assert len(both) == 3
    for image in both:
        text = image.dockerfile
        assert text.index("COPY --from=isolate/a") < text.index("WORKDIR /apps/a") < text.index("pip install")
        assert text.index("pip install") < text.index("COPY --from=isolate/b")
        assert "isolate/lists/a/requirements.txt" not in [file.path for file in image.files]


@pytest.mark.parametrize(
    ("line", "anchored"),
    [
        ("six==1.16.0  # a/b", None),
        ("backports.zipfile>=1", None),
        ("-e git+ssh://git@example.test/a/b.git", None),
        ("c @ https://example.test/c.whl", None),
        ("--index-url https://example.test/simple", None),
        ("# ./lib", None),
        ("/srv/wheels/c.whl", None),
        ("-r base.txt", "-r /apps/a/base.txt"),
        ("-rbase.txt", "-r /apps/a/base.txt"),
        ("--constraint=more/base.txt", "--constraint /apps/a/more/base.txt"),
        ("-e .[dev]", "-e /apps/a/.[dev]"),
        ("  .", "/apps/a/."),
        ("./lib ; python_version < '4'", "/apps/a/./lib ; python_version < '4'"),
        ("my-lib/", "/apps/a/my-lib/"),
        ("c-1-py3-none-any.whl", "/apps/a/c-1-py3-none-any.whl"),
    ],
)
def test_a_path_in_a_list_means_the_same_wherever_pip_is_called(
    line: str, anchored: str | None, tmp_path: Path
) -> None:
    macro = '{% import "python/pip.j2" as pip %}{{ pip.anchor(part) }}'
    text = render._templates().from_string(macro).render(part={"app": job("a", "python@3.12")})
    command = text.partition("&& ")[2].partition(" > ")[0]
    (tmp_path / "requirements.txt").write_text(f"{line}\n")
    ran = subprocess.run(["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ran.stdout == f"{anchored or line}\n"
