"""How an app is started, where it listens and what is left out comes from the files, or is left to a person."""

from __future__ import annotations

import pytest

from shapes import ASP_NET, COMPOSER, EXPRESS, MAVEN, PYTHON, REPOSITORY, SINATRA, WEB_SHOP, Files, only

NODE_START = '{"scripts": {"start": "node ./server.js"}}'
PORT_ON_PHP = ("sh", "-c", 'exec php -S 0.0.0.0:"$PORT"')


@pytest.mark.parametrize(
    ("files", "command", "ports"),
    [
        (WEB_SHOP, ("python", "app.py"), (5000,)),
        (EXPRESS, ("node", "server.js"), (3000,)),
        (ASP_NET, ("dotnet", "Orders.dll"), (8080,)),
        (MAVEN, ("java", "org.example.rates.Rates"), (8080,)),
        (SINATRA, ("ruby", "app.rb"), (8080,)),
        (COMPOSER, PORT_ON_PHP, (8080,)),
        ({"requirements.txt": "", "main.py": "print(1)"}, ("python", "main.py"), ()),
        ({"requirements.txt": "", "server.py": 'HTTPServer(("", 9000), X)'}, ("python", "server.py"), (9000,)),
        ({"package.json": '{"main": "lib/a.js"}', "lib/a.js": "x.listen(4000)"}, ("node", "lib/a.js"), (4000,)),
        (
            {"package.json": NODE_START, "server.js": "http.createServer(f).listen(3000)"},
            ("node", "./server.js"),
            (3000,),
        ),
        (
            {"pom.xml": "", "a/B.java": "static void main( ServerSocket(9000) port = 9000"},
            ("java", "B"),
            (9000,),
        ),
        ({"package.json": '{"scripts": {"start": "next start -p 4000"}}'}, ("npm", "start"), (8080,)),
        ({"A.csproj": "<OutputType>Exe</OutputType><AssemblyName>Job</AssemblyName>"}, ("dotnet", "Job.dll"), ()),
        ({"Procfile": "worker: python w.py\nweb: python s.py\n", "requirements.txt": ""}, ("python", "s.py"), (8080,)),
        (
            {"Procfile": "web: python s.py $PORT", "requirements.txt": ""},
            ("sh", "-c", "exec python s.py $PORT"),
            (8080,),
        ),
        ({"Dockerfile": "FROM node:16\nENTRYPOINT ['x']\nCMD node a.js\nEXPOSE 80/tcp 53/udp"}, None, (80,)),
        ({"Dockerfile": 'FROM node:16\nENTRYPOINT ["node"]\nCMD ["a.js"]\nENV PORT=81'}, ("node", "a.js"), (81,)),
        (
            {"Dockerfile": "FROM python:3.9\nCMD python -m x --port 7000"},
            ("python", "-m", "x", "--port", "7000"),
            (7000,),
        ),
        ({"Dockerfile": "FROM php:8.2-fpm\nCMD php-fpm\n", "index.php": ""}, PORT_ON_PHP, (8080,)),
        (
            {"Dockerfile": "FROM openjdk:17\nCMD java -jar /app.jar\n", **MAVEN},
            ("java", "org.example.rates.Rates"),
            (8080,),
        ),
        ({"pom.xml": "", "A.java": "static void main(", "B.java": "static void main("}, (), ()),
        ({"requirements.txt": ""}, (), ()),
    ],
)
def test_the_start_and_the_ports(
    propose, files: Files, command: tuple[str, ...] | None, ports: tuple[int, ...]
) -> None:
    one = only(propose(files))
    assert command is None or (one.start.command if one.start else ()) == command
    assert one.ports == ports


def test_django_flask_and_fastapi_are_started_on_the_port_they_get(propose) -> None:
    for name, text in {"manage.py": "", "app.py": "app = Flask(__name__)", "main.py": "app = FastAPI()\n"}.items():
        one = only(propose({"requirements.txt": "", name: text}))
        assert one.start
        assert '"$PORT"' in one.start.command[-1]
        assert one.ports == (8080,)


def test_what_a_dockerfile_does_beside_the_usual_is_named(propose) -> None:
    one = only(propose({"Dockerfile": "FROM python:3.9\nRUN apt-get install x\nRUN pip install -r requirements.txt\n"}))
    assert [note for note in one.notes if "RUN (Dockerfile, line 2)" in note]


def test_variables_of_a_dockerfile_are_taken_but_those_that_isolate_or_the_family_sets(propose) -> None:
    text = 'FROM python:3.9\nENV A=1 B="two words" PATH=/x:$PATH PYTHONUNBUFFERED=1 PORT=80\nENV C three\nENV D=$A\n'
    one = only(propose({"Dockerfile": text}))
    assert one.environment == {"A": "1", "B": "two words", "C": "three"}
    assert any(note.endswith("not written out: D") for note in one.notes)


def test_a_compose_file_names_the_apps_and_what_is_left_out_is_said(propose) -> None:
    found = propose(REPOSITORY)
    api, report = found.apps["api"], found.apps["report"]
    assert list(found.apps) == ["api", "report"]
    assert (api.folder, api.ports, api.environment) == ("services/api", (8000,), {"MODE": "test"})
    assert report.start
    assert report.start.command == ("python", "report.py", "--once")
    assert report.depends_on == {"api": "service_started"}
    said = "\n".join((*found.notes, *api.notes, *report.notes))
    assert "compose.yaml:4 db is the image postgres:15" in said
    assert "depends on db, which is not here" in said
    assert "volumes (compose.yaml:20)" in said
    assert "SECRET" in said


def test_a_command_of_compose_wins_over_the_dockerfile(propose) -> None:
    compose = "services:\n  a:\n    build: .\n    entrypoint: [python]\n    command: [b.py, '$$HOME']\n"
    one = only(propose({"compose.yaml": compose, "Dockerfile": "FROM python:3.9\nCMD python a.py\n"}))
    assert one.start
    assert one.start.command == ("python", "b.py", "$HOME")


def test_a_stage_that_compose_names_is_the_one_that_counts(propose) -> None:
    compose = "services:\n  a:\n    build: {context: ., target: old}\n"
    docker = "FROM python:3.9 AS old\nCMD python a.py\nFROM python:3.12\nCMD python b.py\n"
    assert only(propose({"compose.yaml": compose, "Dockerfile": docker})).chosen.runtime == "python@3.9"


def test_folders_of_a_repository_are_its_apps_and_libraries_are_left_out(propose) -> None:
    web = {f"web/{name}": text for name, text in EXPRESS.items()}
    api = {f"services/API Server/{name}": text for name, text in WEB_SHOP.items()}
    found = propose({**web, **api, "lib/package.json": "{}", "vendor/package.json": "{}", ".x/package.json": "{}"})
    assert {name: one.folder for name, one in found.apps.items()} == {"web": "web", "api-server": "services/API Server"}
    assert any("lib names node" in note for note in found.notes)


def test_an_app_at_the_top_is_the_one_and_others_below_are_pointed_at(propose) -> None:
    found = propose({**WEB_SHOP, "front/package.json": '{"scripts": {"start": "x"}}'})
    assert list(found.apps) == ["shop"]
    assert any("isolate init front" in note for note in found.notes)


def test_names_that_no_app_may_have_are_made_to_fit_and_kept_apart(propose) -> None:
    apps = propose({f"{name}/{file}": text for name in ("Ünï", "N", "localhost", "n_") for file, text in
                    {"requirements.txt": "", "app.py": PYTHON}.items()}).apps  # fmt: skip
    assert list(apps) == ["n", "app", "n-2", "n-3"]
