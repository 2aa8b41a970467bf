"""A rendered project is the isolated arm, told in Compose's words: the same confinement, the same values."""

from __future__ import annotations

import json
import shlex
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.engines.container import host_config
from orchestrator.exports.compose import copied, in_place
from orchestrator.exports.document import text
from orchestrator.model import App, ContextFile, Healthcheck, Limits, Runtime
from orchestrator.plan import Context, Plan
from tests.worlds import job, manifest, plan, service

HOSTILE = {
    "DOLLAR": "${HOST} $HOST $$ $",
    "BACKSLASH": "ends with \\",
    "QUOTES": 'it\'s "quoted" `twice`',
    "LINES": "one\n  two\n\nthree\n",
    "NEWLINE": "one\ntwo",
    "EDGES": " \t both ends \t ",
    "EMPTY": "",
    "NO": "no",
    "NULL": "~",
    "EXPONENT": "1e3",
    "OCTAL": "0o17",
    "UNDERSCORE": "1_000",
    "SEXAGESIMAL": "12:30:45",
    "DAY": "2024-01-31",
    "COMMENT": "a # b: c",
    "TAG": "!!python/object",
    "UNICODE": "\N{SNOWMAN}\N{GRINNING FACE}\N{NO-BREAK SPACE}\u0085\u2028",
    "JSON": '{"a": [1]}',
}


def parsed(of: Plan) -> dict[str, Any]:
    return dict(yaml.safe_load(copied(of)[0].content or b""))


def services(*apps: App) -> dict[str, Any]:
    return dict(parsed(plan(manifest(*apps, shared=())))["services"])


def test_a_service_is_confined_as_isolates_own_box_is() -> None:
    limits = Limits(nano_cpus=500_000_000, memory=200_000_000, pids=50)
    drawn = plan(manifest(service("web", "python@3.12", limits=limits, tmpfs=("/data",))))
    told, box = parsed(drawn)["services"]["web"], host_config(drawn.boxes["web"], 8)
    same = {
        "cap_drop": told["cap_drop"],
        "security_opt": told["security_opt"],
        "read_only": told["read_only"],
        "init": told["init"],
        "ipc_mode": told["ipc"],
        "pids_limit": told["pids_limit"],
        "mem_limit": int(told["mem_limit"].removesuffix("b")),
        "memswap_limit": int(told["memswap_limit"].removesuffix("b")),
        "nano_cpus": told["cpus"] * 1e9,
        "tmpfs": dict(line.split(":", 1) for line in told["tmpfs"]),
        "ulimits": [{"Name": "nofile", "Soft": 1024, "Hard": 4096}, {"Name": "core", "Soft": 0, "Hard": 0}],
        "log_config": {"Type": told["logging"]["driver"], "Config": told["logging"]["options"]},
        "restart_policy": {"Name": told.get("restart", "no")},
        "port_bindings": {8080: ("127.0.0.1", None)},
    }
    assert told["ulimits"] == {"nofile": {"soft": 1024, "hard": 4096}, "core": 0}
    assert told["ports"] == ["127.0.0.1::8080"]
    assert same == box, "container.py and compose.py tell different stories"


def test_the_default_memory_is_told_in_a_unit_that_people_read() -> None:
    assert services(service("web", "python@3.12"))["web"]["mem_limit"] == "512m"


def test_environment_is_the_boxs_own_with_dollars_doubled() -> None:
    apps = (service("web", "dotnet@3.1", environment={"PRICE": "$5"}), service("pay-api", "python@3.12"))
    assert services(*apps)["web"]["environment"] == {
        "HOME": "/tmp",
        "COMPlus_EnableDiagnostics": "0",
        "ASPNETCORE_URLS": "http://+:8080",
        "PAY_API_URL": "http://pay-api:8080",
        "PRICE": "$$5",
        "PORT": "8080",
    }


@given(
    st.dictionaries(st.from_regex(r"[A-Za-z_]\w*", fullmatch=True), st.text(st.characters(exclude_categories=["Cs"])))
)
def test_any_text_is_read_back_as_it_was(values: dict[str, str]) -> None:
    assert yaml.safe_load(text(values)) == {name: value.replace("$", "$$") for name, value in values.items()}


@pytest.mark.docker
def test_compose_reads_every_value_as_it_was(docker_compose_command: str, tmp_path: Path) -> None:
    for file in copied(plan(manifest(service("web", "python@3.12", environment=HOSTILE), name="with.dots"))):
        path = tmp_path / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content or b"")
    command = [*shlex.split(docker_compose_command), "-f", str(tmp_path / "compose.yaml"), "config", "--format", "json"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    document = json.loads(ran.stdout)
    read = {name: value.replace("$$", "$") for name, value in document["services"]["web"]["environment"].items()}
    assert {name: read[name] for name in HOSTILE} == HOSTILE
    assert document["name"] == "with-dots"


def test_a_dependency_that_must_be_healthy_is_asked_over_http_and_only_then() -> None:
    timings = Healthcheck(interval=0.5, timeout=2, retries=7, start_period=90)
    told = services(
        service("api", "python@3.12", healthcheck=timings),
        service("web", "python@3.12", depends_on={"api": "service_healthy", "seed": "service_completed_successfully"}),
        job("seed", "python@3.12"),
    )
    assert told["web"]["depends_on"] == {
        "api": {"condition": "service_healthy"},
        "seed": {"condition": "service_completed_successfully"},
    }
    check = told["api"]["healthcheck"]
    assert check["test"][:3] == ["CMD", "bash", "-c"]
    assert {key: check[key] for key in ("interval", "timeout", "retries", "start_period")} == {
        "interval": "0.5s",
        "timeout": "2s",
        "retries": 7,
        "start_period": "90s",
    }
    assert "healthcheck" not in told["web"]
    assert "ports" not in told["seed"]


def test_an_image_of_the_users_own_may_have_nothing_to_ask_with() -> None:
    own = replace(service("api", "python@3.12"), runtime=Runtime("python", "3.12", image="example/alpine:1"))
    told = services(own, service("web", "python@3.12", depends_on={"api": "service_healthy"}))
    assert told["web"]["depends_on"] == {"api": {"condition": "service_started"}}
    assert "healthcheck" not in told["api"]


def test_each_app_has_its_dockerfile_and_context_in_a_folder_of_its_own() -> None:
    contexts = {"web": Context((ContextFile("app.py", b"1"),), "0" * 64)}
    drawn = plan(manifest(service("web", "python@3.12")), contexts=contexts)
    assert [file.path for file in copied(drawn)] == [
        "compose.yaml",
        "web/Dockerfile",
        "web/isolate/launch",
        "web/app/app.py",
    ]
    assert parsed(drawn)["services"]["web"]["build"] == "./web"


def test_in_place_the_sources_are_built_from_where_they_are() -> None:
    def render(_: str, **facts: Any) -> str:
        lines = ["FROM a", f'LABEL io.isolate.image="{facts["label"]}"', "COPY app/ ./", "COPY app/x y"]
        return "\n".join([*lines, "COPY isolate/launch /isolate/launch", ""])

    drawn = plan(manifest(service("web", "python@3.12")), render=render)
    (file,) = in_place(drawn, {"web": "./src/$web"}, "./images")
    assert yaml.safe_load(file.content or b"")["services"]["web"]["build"] == {
        "context": "./src/$$web",
        "additional_contexts": {"isolate": "./images"},
        "dockerfile_inline": "FROM a\nCOPY . ./\nCOPY x y\nCOPY --from=isolate launch /isolate/launch\n",
    }
