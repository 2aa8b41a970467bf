"""Who may ask the page for anything, and what every answer forbids the browser."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import paged
import pytest
from asked import Open, ask, do

SERVE = (sys.executable, "-m", "orchestrator", "lab", "serve")


def test_the_address_with_its_token_shows_the_page(opened: Open) -> None:
    status, headers, told = ask(opened)
    assert status == 200
    assert headers["content-type"].startswith("text/html")
    assert "The first lab" in told


@pytest.mark.parametrize(
    "path", ["/", "/favicon.ico", "/page.js", "/x/", f"/{'A' * 32}/", f"/{'A' * 32}/do/check", "/open/", "/open/x"]
)
def test_without_the_token_nothing_is_found(opened: Open, path: str) -> None:
    assert ask(opened, path)[0] == 404
    assert ask(opened, path, "POST")[0] in {404, 405}


def test_a_part_of_the_token_is_no_token(opened: Open) -> None:
    assert ask(opened, f"/{opened.site.token[:-1]}/")[0] == 404
    assert ask(opened, f"/{opened.site.token}x/")[0] == 404
    assert ask(opened, f"/{opened.site.token}")[0] == 404


@pytest.mark.parametrize(
    "name", ["../page.css", "..%2fview.py", "%2e%2e/%2e%2e/etc/passwd", "page.html.j2", "do/check"]
)
def test_of_files_there_are_two(opened: Open, name: str) -> None:
    assert ask(opened, "page.css")[0] == ask(opened, "page.js")[0] == 200
    assert ask(opened, name)[0] in {404, 405}


@pytest.mark.parametrize("host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "localhost", ""])
def test_another_name_that_leads_here_is_refused(opened: Open, host: str) -> None:
    given = host.format(port=urlsplit(opened.site.address).port)
    status, _, told = ask(opened, host=given)
    assert status == 403
    assert opened.site.token not in told


def test_localhost_is_a_name_of_ours(opened: Open) -> None:
    assert ask(opened, host=f"localhost:{urlsplit(opened.site.address).port}")[0] == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"sec_fetch_site": "none"},
        {"origin": "https://evil.example"},
        {"origin": "http://127.0.0.1:1"},
        {"origin": "null"},
        {"origin": "https://evil.example", "sec_fetch_site": "same-origin"},
    ],
)
def test_no_other_page_acts_even_if_it_knew_the_token(opened: Open, headers: Mapping[str, str]) -> None:
    assert do(opened, "start", value="first", **headers) == 403
    assert not opened.files.exists()


def test_the_page_itself_acts_by_script_or_by_form(opened: Open) -> None:
    ours = opened.site.address.rsplit("/", 2)[0]
    assert do(opened, "start", value="first", origin=ours, sec_fetch_site="same-origin") == 303
    assert opened.files.is_dir()
    assert do(opened, "hint", origin="null", sec_fetch_site="same-origin") == 303
    assert "Look at the first lines." in ask(opened)[2]


@pytest.mark.parametrize("token", ["", "x", "\u00e9"])
def test_a_form_without_the_token_does_nothing(opened: Open, token: str) -> None:
    assert do(opened, "start", token, "first") == 403
    assert not opened.files.exists()


def test_a_form_of_any_length_is_not_read(opened: Open) -> None:
    assert do(opened, "start", value="x" * 100_000) == 403


def test_an_action_is_a_post_of_a_name_that_is_known(opened: Open) -> None:
    assert ask(opened, "do/start?value=first")[0] == 405
    assert do(opened, "exec", value="rm") == 404
    assert ask(opened, "do/start", "PUT")[0] == 405


def test_no_answer_lets_another_origin_in(opened: Open) -> None:
    preflight = {"origin": "https://evil.example", "access_control_request_method": "POST"}
    for status, headers, _ in (ask(opened), ask(opened, "do/check", "OPTIONS", **preflight), ask(opened, "/")):
        assert status in {200, 403, 404}
        assert not [name for name in headers if name.startswith("access-control")]
        assert "set-cookie" not in headers


@pytest.mark.parametrize("path", ["", "page.css", "page.js", "nothing", "/", "/open/x"])
def test_every_answer_has_the_policy(opened: Open, path: str) -> None:
    _, headers, _ = ask(opened, path)
    assert headers["content-security-policy"].split("; ") == [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ]
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "server" not in headers


def test_the_ticket_that_starts_the_browser_is_good_for_once(opened: Open) -> None:
    path = urlsplit(opened.site.opening).path
    status, headers, _ = ask(opened, path)
    assert (status, headers["location"]) == (303, f"/{opened.site.token}/")
    assert ask(opened, path)[0] == 404
    assert ask(opened, "/open/")[0] == 404


def listeners(port: int) -> list[str]:
    """Local addresses that listen on that port, in the kernel's own words."""
    lines = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()]
    return [line[1] for line in lines if line[1].endswith(f":{port:04X}") and line[3] == "0A"]


def test_it_listens_on_loopback_alone(opened: Open) -> None:
    port = urlsplit(opened.site.address).port or 0
    assert listeners(port) == [f"0100007F:{port:04X}"]


def test_a_port_that_is_taken_or_none_is_an_error_with_a_hint(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ran = subprocess.run((*SERVE, "--no-browser", "--port", port), capture_output=True, text=True, check=False, timeout=60)
    assert (ran.returncode, ran.stdout) == (75, "")
    assert f"port {port} of 127.0.0.1 is in use" in ran.stderr
    assert "hint: --port 0 takes any free one" in ran.stderr
    ran = subprocess.run((*SERVE, "--no-browser", "--port", "70000"), capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode == 2


@contextmanager
def serve(labs: Path, *words: str, **variables: str) -> Iterator[tuple[subprocess.Popen[str], SplitResult]]:
    """The command, and the address that it tells; it is gone at the end, whatever a test has found."""
    command = (*SERVE, "--json", "--labs", str(labs), *words)
    ours = {**os.environ, **variables}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ours
    ) as process:
        try:
            assert process.stdout
            document = "".join([*takewhile(lambda line: line != "}\n", process.stdout), "}"])
            yield process, urlsplit(json.loads(document)["url"])
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_command_tells_its_address_first_and_ends_when_asked(tmp_path: Path, number: signal.Signals) -> None:
    with serve(paged.labs(tmp_path), "--no-browser") as (process, at):
        connection = http.client.HTTPConnection("127.0.0.1", at.port, timeout=20)
        connection.request("GET", f"{at.path}events")
        answer = connection.getresponse()
        assert [answer.readline()[:6] for _ in range(3)] == [b"retry:", b"\n", b"data: "]
        process.send_signal(number)
        rest, errors = process.communicate(timeout=60)
        assert answer.read().strip() == b""
        connection.close()
        assert (process.returncode, rest, errors) == (130, "", "")
    assert listeners(at.port or 0) == []


def test_what_starts_the_browser_is_told_a_ticket_and_not_the_token(tmp_path: Path) -> None:
    """Every user of the machine may read its command line."""
    script, told = tmp_path / "browser", tmp_path / "told"
    os.mkfifo(told)
    script.write_text(f'#!/bin/sh\necho "$1" > {told}\n')
    script.chmod(0o755)
    with serve(paged.labs(tmp_path / "labs"), BROWSER=f"{script} %s") as (_, at):
        given = urlsplit(told.read_text().strip())
    assert given.netloc == at.netloc
    assert given.path.startswith("/open/")
    assert at.path.strip("/") not in given.path
