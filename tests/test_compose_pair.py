"""The flagship pair as a plain Compose project: brought up from the outside, and asked over HTTP."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from pytest_docker.plugin import Services

from orchestrator import bases
from orchestrator.engines.docker import DockerEngine
from orchestrator.exports.document import text
from orchestrator.files import load
from orchestrator.plan import needed

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.docker


@pytest.fixture(scope="session")
def docker_compose_file(engine_url: str, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The root's compose.yaml, and beside it which image stands for each official one on this engine."""
    runtimes = needed(load([ROOT / "apps/dotnet/manifest.yaml"]))
    found = bases.choose(DockerEngine(engine_url), runtimes, lambda _: None)
    instead = {
        base.reference: f"docker-image://{found[key].reference}"
        for key, base in bases.official(runtimes).items()
        if found[key].reference != base.reference
    }
    overlay = tmp_path_factory.mktemp("compose") / "bases.yaml"
    services = {name: {"build": {"additional_contexts": instead}} for name in ("invoice", "telemetry")}
    overlay.write_text(text({"services": services if instead else {}}))
    return [str(ROOT / "compose.yaml"), str(overlay)]


@pytest.fixture(scope="session")
def docker_cleanup() -> list[str]:
    return ["down --volumes --rmi local"]


def answer(docker_services: Services, service: str, path: str) -> str:
    """What the service says, once it answers."""
    url = f"http://127.0.0.1:{docker_services.port_for(service, 8080)}{path}"

    def answers() -> bool:
        try:
            with urlopen(url, timeout=5) as response:
                return bool(response.status == 200)
        except (URLError, ConnectionError, TimeoutError):
            return False

    docker_services.wait_until_responsive(check=answers, timeout=60, pause=0.2)
    with urlopen(url, timeout=5) as response:
        return str(response.read().decode())


def test_invoice_and_telemetry_answer_side_by_side_each_on_its_own_runtime(docker_services: Services) -> None:
    assert json.loads(answer(docker_services, "invoice", "/total"))["total"] == "13.87"
    assert answer(docker_services, "telemetry", "/stream").rstrip().endswith("done")
