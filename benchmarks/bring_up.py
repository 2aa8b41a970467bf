"""Warm `isolate up --arm isolated` of N trivial apps against compose and against bare engine calls.

    .venv/bin/python benchmarks/bring_up.py [-n 2 10 50] [--rounds 5]

Rounds are interleaved: isolate, compose, bare, isolate, ... so that a machine that drifts drifts for all. Reported are
medians and the ratio of each round's pair, median with minimum and maximum. The apps are the same image, the same
hardening and the same command; each way starts with nothing running and ends when every app answers HTTP.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import docker
import yaml

from orchestrator.confinement import USER
from orchestrator.engines.container import host_config
from orchestrator.engines.http import ask
from orchestrator.engines.locate import locate
from orchestrator.engines.private import client_environment
from orchestrator.model import Box, Launch, Limits

SERVER = """\
import os, http.server as h
h.HTTPServer(("", int(os.environ["PORT"])), h.SimpleHTTPRequestHandler).serve_forever()
"""
PARALLEL = 8
PROJECT = "bench"


def manifest(folder: Path, count: int) -> Path:
    app = {"runtime": "python@3.12", "command": ["python", "-c", SERVER], "ports": ["8080"], "checks": [{"http": "/"}]}
    path = folder / "manifest.yaml"
    path.write_text(json.dumps({"name": PROJECT, "apps": {f"a{i}": app for i in range(count)}, "shared": []}))
    return path


def run(*words: str, url: str) -> None:
    subprocess.run(words, check=True, capture_output=True, env={**os.environ, **client_environment(url)})


def isolate(*words: str, url: str) -> None:
    run(sys.executable, "-m", "orchestrator", *words, url=url)


def answer(urls: list[str]) -> None:
    """Wait until every address answers HTTP."""
    with ThreadPoolExecutor(PARALLEL) as pool:
        for url in urls:
            pool.submit(_until, url)


def _until(url: str) -> None:
    while not ask(url, "GET", 2):
        time.sleep(0.02)


def by_compose(folder: Path, url: str) -> None:
    run("docker", "compose", "-f", str(folder / "compose.yaml"), "up", "-d", url=url)
    answer(published(url, "com.docker.compose.project"))


def published(url: str, label: str) -> list[str]:
    with closing(docker.DockerClient(base_url=url)) as client:
        containers = client.api.containers(filters={"label": label})
    return [
        f"http://127.0.0.1:{port['PublicPort']}" for c in containers for port in c["Ports"] if port.get("PublicPort")
    ]


def by_calls(boxes: list[Box], url: str) -> None:
    """The engine alone: one network, N times create and start, eight at once."""
    with closing(docker.DockerClient(base_url=url)) as client:
        api = client.api
        network = api.create_network("bench-bare", labels={"bench": "bare"})["Id"]

        def one(box: Box) -> None:
            (launch,) = box.launches
            made = api.create_container(
                box.image,
                list(launch.command),
                user=USER,
                labels={"bench": "bare"},
                environment=dict(launch.environment),
                ports=list(launch.ports),
                host_config=api.create_host_config(**host_config(box, os.cpu_count() or 1)),
                networking_config={network: api.create_endpoint_config()},
            )
            api.start(made["Id"])

        with ThreadPoolExecutor(PARALLEL) as pool:
            list(pool.map(one, boxes))
    answer(published(url, "bench=bare"))


def remove_bare(url: str) -> None:
    with closing(docker.DockerClient(base_url=url)) as client:
        with ThreadPoolExecutor(PARALLEL) as pool:
            for container in client.api.containers(all=True, filters={"label": "bench=bare"}):
                pool.submit(client.api.remove_container, container["Id"], force=True)
        for network in client.api.networks(filters={"label": "bench=bare"}):
            client.api.remove_network(network["Id"])


def timed(call: Callable[[], None], clean: Callable[[], None]) -> float:
    began = time.monotonic()
    call()
    seconds = time.monotonic() - began
    clean()
    return seconds


def measure(count: int, rounds: int, url: str) -> dict[str, list[float]]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = manifest(folder, count)
        up = ("up", str(path), "--arm", "isolated", "--progress", "quiet")
        isolate(*up, url=url)  # builds the images
        with closing(docker.DockerClient(base_url=url)) as client:
            images = {
                f"a{i}": client.api.inspect_container(f"isolate-{PROJECT}_a{i}")["Config"]["Image"]
                for i in range(count)
            }
        isolate("down", PROJECT, url=url)
        isolate("render", str(path), "-o", str(folder / "out"), "--base", "recipe", url=url)
        composed = yaml.safe_load((folder / "out" / "compose.yaml").read_text())
        for app, service in composed["services"].items():
            service.pop("build", None)
            service["image"] = images[app]
        (folder / "compose.yaml").write_text(yaml.safe_dump(composed))
        boxes = [_box(app, image) for app, image in images.items()]
        ways: dict[str, tuple[Callable[[], None], Callable[[], None]]] = {
            "isolate": (lambda: isolate(*up, url=url), lambda: isolate("down", PROJECT, url=url)),
            "compose": (
                lambda: by_compose(folder, url),
                lambda: run("docker", "compose", "-f", str(folder / "compose.yaml"), "down", "-t", "1", url=url),
            ),
            "bare": (lambda: by_calls(boxes, url), lambda: remove_bare(url)),
        }
        taken: dict[str, list[float]] = {way: [] for way in ways}
        for _ in range(rounds):
            for way, (call, clean) in ways.items():
                taken[way].append(timed(call, clean))
        return taken


def _box(app: str, image: str) -> Box:
    launch = Launch(app, ("python", "-c", SERVER), "/", {"HOME": "/tmp", "PORT": "8080"}, (8080,))
    return Box(app, image, "isolated", (launch,), Limits(), "bench-bare", {}, ("python",))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-n", type=int, nargs="+", default=[2, 10, 50])
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    found = locate()
    if found is None:
        sys.exit("no engine answers; isolate engine start")
    print(f"{'apps':>4}  {'isolate s':>9} {'compose s':>9} {'bare s':>9}  {'isolate/compose':>20} {'isolate/bare':>20}")
    for count in args.n:
        taken = measure(count, args.rounds, found.url)
        medians = " ".join(f"{statistics.median(taken[way]):9.2f}" for way in ("isolate", "compose", "bare"))
        print(f"{count:>4}  {medians}  {ratio(taken, 'compose'):>20} {ratio(taken, 'bare'):>20}", flush=True)


def ratio(taken: dict[str, list[float]], other: str) -> str:
    pairs = [a / b for a, b in zip(taken["isolate"], taken[other], strict=True)]
    return f"{statistics.median(pairs):.2f} ({min(pairs):.2f}-{max(pairs):.2f})"


if __name__ == "__main__":
    main()
