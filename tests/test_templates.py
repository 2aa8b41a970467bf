"""What every Dockerfile of every family keeps to, on both builders."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator import render, resources
from orchestrator.catalogue import entries
from orchestrator.model import App, Base, ContextFile, Image
from orchestrator.plan import Context
from orchestrator.runtimes import families
from tests.worlds import job, manifest, plan, service

HOST = {
    "ca.pem": b"a certificate",
    "node/npmrc": b"registry=x",
    "php/composer-config.json": b"{}",
    "python/pip.conf": b"[global]",
    "ruby/gemrc": b"---",
}
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


def test_an_app_without_files_has_a_folder_to_be_carried_from(apps: tuple[App, App]) -> None:
    bare = list(images(apps))[1].dockerfile
    assert re.search(rf"^(WORKDIR|COPY .*) {apps[1].home}$", bare, re.MULTILINE)


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


@pytest.mark.parametrize(
    ("runtime", "package", "knows"),
    [
        ("python@3.12", "six", "PIP_CERT="),
        ("node@22", "express", "npm_config_cafile="),
        ("php@8.2", "monolog/monolog", "SSL_CERT_FILE="),
        ("ruby@3.3", "rack", "SSL_CERT_FILE="),
    ],
)
def test_the_classic_builder_sees_no_mount_and_leaves_no_settings_behind(
    runtime: str, package: str, knows: str, buildkit: bool
) -> None:
    text = next(images((job("batch", runtime, packages=(package,)),), buildkit=buildkit)).dockerfile
    assert ("--mount" in text) is buildkit
    assert bool(re.search(r"^RUN rm -rf? /isolate/host", text, re.MULTILINE)) is not buildkit
    assert knows in text


@pytest.mark.parametrize(
    ("base", "from_debian"), [("isolate/base-php:8.2-1", True), ("php:8.2-cli", False), ("me/php:8", False)]
)
def test_composer_is_debians_beside_debians_php_and_lent_by_its_own_image_elsewhere(
    base: str, from_debian: bool, buildkit: bool
) -> None:
    app = job("a", "php@8.2", packages=("us/fruit",))
    drawn = plan(
        manifest(app), render=render.dockerfile, bases={"php@8.2": Base(base, "1", "local")}, buildkit=buildkit
    )
    text = drawn.images["a"].dockerfile
    assert ("install -y --no-install-recommends composer unzip" in text) is from_debian
    assert ("from=composer:2" in text) is not from_debian
    assert "xargs apt-get purge -y" in text


@pytest.mark.parametrize(
    ("files", "packages", "asks"),
    [
        (("Gemfile",), (), "then bundle install; fi"),
        (("Gemfile",), ("rack",), ">> Gemfile"),
        (("app.rb",), ("rack",), "xargs gem install"),
        (("app.rb",), (), ""),
    ],
)
def test_gems_are_asked_for_where_the_app_says_so(files: tuple[str, ...], packages: tuple[str, ...], asks: str) -> None:
    contexts = {name: Context(tuple(ContextFile(file, b"") for file in files), "0" * 64) for name in ("a", "b")}
    apps = [job(name, "ruby@3.3", build=Path(name), packages=packages) for name in ("a", "b")]
    drawn = plan(manifest(*apps), render=render.dockerfile, contexts=contexts)
    alone = drawn.images["a"].dockerfile
    both = next(trial.image.dockerfile for trial in drawn.trials if len(trial.apps) == 2)
    assert asks in alone
    assert bool(asks) == ("install" in alone)
    assert both.count(" install") == 2 * alone.count(" install")
    assert ">> Gemfile" not in both
    assert both.count("RUN rm -f Gemfile.lock") == 2 * ("Gemfile" in files)


GEMFILES = {
    'ruby ">= 2.7"\n': False,
    '# ours\n\nsource "https://rubygems.org"\nruby(">= 2.7")\n': False,
    "": False,
    'ruby ">= 2.7"\ngem "rack"\n': True,
    'source "https://gems.test" do\n  gem "rack"\nend\n': True,
    "gemspec\n": True,
    'rubygem = "rack"\n': True,
}


@pytest.mark.parametrize("gemfile", GEMFILES)
def test_a_gemfile_that_names_no_gem_is_left_alone(gemfile: str, tmp_path: Path) -> None:
    (tmp_path / "Gemfile").write_text(gemfile)
    source = (resources.images() / "ruby" / "gems.j2").read_text()
    (tested,) = re.findall(r"if (grep .*? Gemfile); then bundle install", source)
    assert (subprocess.run(["sh", "-c", tested], cwd=tmp_path, check=False).returncode == 0) is GEMFILES[gemfile]


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
