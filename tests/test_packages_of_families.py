"""Gems and packages of Composer, installed for real from a source of our own on the engine's bridge."""

from __future__ import annotations

import io
import json
import tarfile
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import docker
import pytest

from isolate import document, isolate, write
from orchestrator import bases
from orchestrator.engines.docker import DockerEngine
from orchestrator.model import Runtime

pytestmark = pytest.mark.docker
RUBY, PHP = "ruby@2.7", "php@7.4"
GEMS = """\
cd /tmp && mkdir -p lib site/gems && for version in 1.0.0 2.0.0; do
  echo "module Fruit; NAME = 'fruit $version'; end" > lib/fruit.rb
  cat > fruit.gemspec <<END
Gem::Specification.new do |one|
  one.name, one.version, one.authors, one.summary = "fruit", "$version", ["us"], "a fruit"
  one.files = ["lib/fruit.rb"]
end
END
  gem build --quiet --output site/gems/fruit-$version.gem fruit.gemspec || exit 1
done
gem generate_index --quiet --directory site
"""
"""Two versions of a gem, and the index of a folder of gems."""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """A test has other things to say."""


@pytest.fixture(scope="module")
def api(engine_url: str) -> Iterator[Any]:
    with closing(docker.APIClient(base_url=engine_url)) as client:
        yield client


@pytest.fixture(scope="module")
def source(api: Any, engine_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of gems and of packages of Composer; builds reach it at the gateway of their network."""
    folder = tmp_path_factory.mktemp("source")
    _gems(api, engine_url, folder)
    gateway = api.inspect_network("bridge")["IPAM"]["Config"][0]["Gateway"]
    server = ThreadingHTTPServer((gateway, 0), partial(Quiet, directory=str(folder / "site")))
    address = f"http://{gateway}:{server.server_port}"
    packages = {version: _package(folder / "site", version, address) for version in ("1.0.0", "2.0.0")}
    (folder / "site" / "packages.json").write_text(json.dumps({"packages": {"us/fruit": packages}}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield address
    server.shutdown()
    server.server_close()


def _gems(api: Any, url: str, folder: Path) -> None:
    base = bases.choose(DockerEngine(url), [Runtime(*RUBY.split("@"))], lambda _: None)[RUBY].reference
    box = api.create_container(base, ["sh", "-c", GEMS], network_disabled=True)["Id"]
    try:
        api.start(box)
        assert api.wait(box)["StatusCode"] == 0, api.logs(box).decode()
        pieces, _ = api.get_archive(box, "/tmp/site")
        with tarfile.open(fileobj=io.BytesIO(b"".join(pieces))) as archive:
            archive.extractall(folder, filter="data")
    finally:
        api.remove_container(box, force=True)


def _package(folder: Path, version: str, address: str) -> Mapping[str, object]:
    with zipfile.ZipFile(folder / f"{version}.zip", "w") as archive:
        entry = zipfile.ZipInfo("fruit/fruit.php")
        entry.external_attr = 0o644 << 16
        archive.writestr(entry, f"<?php const FRUIT = 'fruit {version}';")
    return {
        "name": "us/fruit",
        "version": version,
        "dist": {"type": "zip", "url": f"{address}/{version}.zip"},
        "autoload": {"files": ["fruit.php"]},
    }


def _app(folder: Path, name: str, files: Mapping[str, str]) -> str:
    (folder / name).mkdir()
    for file, text in files.items():
        (folder / name / file).write_text(text)
    return f"./{name}"


def _run(path: str, url: str, settings: Mapping[str, str]) -> Any:
    try:
        ran = isolate("up", path, "--json", url=url, environment=settings)
        assert ran.returncode == 0, ran.stderr + ran.stdout
        return document(ran)
    finally:
        isolate("down", Path(path).stem, url=url)


def _job(folder: Path, runtime: str, name: str, files: Mapping[str, str], **facts: object) -> dict[str, object]:
    return {"runtime": runtime, "build": _app(folder, name, files), "checks": [{"exit": 0}], **facts}


def test_gems_of_two_versions_serve_two_apps_of_one_ruby(source: str, engine_url: str, tmp_path: Path) -> None:
    program = 'require "bundler/setup"\nrequire "fruit"\nputs Fruit::NAME\n'
    gemfile = f'source "{source}"\n'
    job = partial(_job, tmp_path, RUBY, command=["ruby", "app.rb"])
    apps = {
        "old": job("old", {"Gemfile": f'{gemfile}gem "fruit", "~> 1.0"', "app.rb": program}),
        "new": job("new", {"Gemfile": f'ruby ">= 2.7"\n{gemfile}', "app.rb": program}, packages=["fruit:>=1.5"]),
        "bare": job("bare", {"Gemfile": 'ruby ">= 2.7"\n', "app.rb": "puts 'no fruit'"}),
        "plain": job("plain", {"app.rb": program.partition("\n")[2]}, packages=["fruit:2.0.0"]),
    }
    for name, says in {"old": "fruit 1.0.0", "new": "fruit 2.0.0", "bare": "no fruit", "plain": "fruit 2.0.0"}.items():
        apps[name]["checks"] = [{"exit": 0, "stdout": says}]
    (tmp_path / "gemrc").write_text(f"---\n:sources:\n- {source}/\n")
    path = write(tmp_path, "t-gems", apps)
    found = _run(path, engine_url, {"GEMRC": str(tmp_path / "gemrc")})
    assert found["shared"][0]["verdict"] == "no-conflict"


def test_without_a_gemfile_the_newest_gem_serves_all(source: str, engine_url: str, tmp_path: Path) -> None:
    (tmp_path / "gemrc").write_text(f"---\n:sources:\n- {source}/\n")
    command = ["ruby", "-e", "require 'fruit'; puts Fruit::NAME"]
    apps = {
        name: {"runtime": RUBY, "command": command, "packages": [f"fruit:{version}"], "checks": [{"stdout": version}]}
        for name, version in (("old", "1.0.0"), ("new", "2.0.0"))
    }
    told = {"verdict": "conflict", "kind": "clobber", "because": "fruit 2.0.0"}
    path = write(tmp_path, "t-gems-plain", apps, shared=[{"name": "one-runtime", "expect": told}])
    found = _run(path, engine_url, {"GEMRC": str(tmp_path / "gemrc")})
    assert "alone old has fruit 1.0.0, and 2.0.0 in the joint environment" in json.dumps(found)


def test_each_app_has_its_own_packages_of_composer(source: str, engine_url: str, tmp_path: Path) -> None:
    asks = {"repositories": [{"type": "composer", "url": source}, {"packagist.org": False}]}
    asks |= {"config": {"secure-http": False}}
    program = "<?php require 'vendor/autoload.php'; echo FRUIT;"
    job = partial(_job, tmp_path, PHP, command=["php", "app.php"])
    old = json.dumps({**asks, "require": {"php": ">=7.4", "us/fruit": "^1.0"}})
    bare = json.dumps({"require": {"php": ">=7.4", "ext-json": "*"}})
    apps = {
        "old": job("old", {"composer.json": old, "app.php": program}),
        "new": job("new", {"composer.json": json.dumps(asks), "app.php": program}, packages=["us/fruit:>=1.5"]),
        "bare": job("bare", {"composer.json": bare, "app.php": "<?= is_dir('vendor') ? 'a vendor' : 'no fruit';"}),
    }
    for name, says in {"old": "fruit 1.0.0", "new": "fruit 2.0.0", "bare": "no fruit"}.items():
        apps[name]["checks"] = [{"exit": 0, "stdout": says}]
    path = write(tmp_path, "t-composer", apps)
    found = _run(path, engine_url, {"COMPOSER_HOME": str(tmp_path)})
    assert found["shared"][0]["verdict"] == "no-conflict"


def test_a_source_that_cannot_be_reached_proves_nothing(engine_url: str, tmp_path: Path) -> None:
    nowhere = "http://127.0.0.1:9"
    asks = {"repositories": [{"type": "composer", "url": nowhere}, {"packagist.org": False}]}
    asks |= {"config": {"secure-http": False}, "require": {"us/fruit": "*"}}
    apps = {
        "bundled": _job(tmp_path, RUBY, "bundled", {"Gemfile": f'source "{nowhere}"\ngem "fruit"'}, command=["ruby"]),
        "composed": _job(tmp_path, "php@8.2", "composed", {"composer.json": json.dumps(asks)}, command=["php"]),
        "plain": {"runtime": RUBY, "command": ["ruby"], "packages": ["fruit"]},
    }
    (tmp_path / "gemrc").write_text(f"---\n:sources:\n- {nowhere}/\n")
    path = write(tmp_path, "t-unreachable", apps, shared=[])
    settings = {"COMPOSER_HOME": str(tmp_path), "GEMRC": str(tmp_path / "gemrc")}
    try:
        ran = isolate("up", path, url=engine_url, environment=settings)
        assert ran.returncode == 75, ran.stderr
        said = " ".join(ran.stdout.split())  # lines fold where they must
        assert said.count("for a reason that is not its own") == 3
    finally:
        isolate("down", "t-unreachable", url=engine_url)
