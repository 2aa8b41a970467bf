"""The runtime comes from the files, each named with its line; two that disagree are shown, not guessed."""

from __future__ import annotations

import pytest

from orchestrator.errors import NothingSelected
from shapes import Files, only

PROJECT = '[project]\nname = "x"\nrequires-python = ">=3.9"\n'


@pytest.mark.parametrize(
    ("files", "runtime", "source"),
    [
        ({".python-version": "3.8.18\n", "app.py": ""}, "python@3.8", ".python-version:1"),
        ({"runtime.txt": "python-3.9.2\n", "app.py": ""}, "python@3.9", "runtime.txt:1"),
        ({"pyproject.toml": '[project]\nrequires-python = ">=3.8,<3.11"\n'}, "python@3.10", "pyproject.toml:2"),
        ({"pyproject.toml": '[tool.poetry.dependencies]\npython = "~3.9"\n'}, "python@3.9", "pyproject.toml:2"),
        ({"pyproject.toml": '[tool.poetry.dependencies]\npython = "^3.8"\n'}, "python@3.13", "pyproject.toml:2"),
        ({"setup.cfg": "[options]\npython_requires = >=3.8, <3.10\n"}, "python@3.9", "setup.cfg:2"),
        ({"setup.py": "setup(\n  python_requires='<3.12',\n)\n"}, "python@3.11", "setup.py:2"),
        ({"Pipfile": '[requires]\npython_version = "3.10"\n'}, "python@3.10", "Pipfile:2"),
        ({"requirements-prod.txt": "#\n# by pip-compile with Python 3.11\n"}, "python@3.11", "requirements-prod.txt:2"),
        ({".tool-versions": "python 3.8.1\n", "requirements.txt": ""}, "python@3.8", ".tool-versions:1"),
        ({"package.json": '{"engines":\n {"node": "12.x"}}'}, "node@12", "package.json:2"),
        ({"package.json": '{"volta":\n {"node": "16.20.0"}}'}, "node@16", "package.json:2"),
        ({".nvmrc": "v16\n", "package.json": "{}"}, "node@16", ".nvmrc:1"),
        ({"global.json": '{"sdk": {"version": "2.2.104"}}', "A.csproj": ""}, "dotnet@2.2", "global.json:1"),
        ({"A.csproj": "\n<TargetFramework>netcoreapp3.1</TargetFramework>"}, "dotnet@3.1", "A.csproj:2"),
        ({"pom.xml": "<maven.compiler.source>1.8</maven.compiler.source>"}, "java@8", "pom.xml:1"),
        ({"pom.xml": "<java.version>17</java.version>"}, "java@17", "pom.xml:1"),
        ({".java-version": "11\n", "pom.xml": ""}, "java@11", ".java-version:1"),
        ({"Gemfile": 'source "x"\nruby "2.7.4"\n'}, "ruby@2.7", "Gemfile:2"),
        ({".ruby-version": "3.3.0\n", "Gemfile": ""}, "ruby@3.3", ".ruby-version:1"),
        ({"composer.json": '{"require":\n {"php": "^7.4"}}'}, "php@7.4", "composer.json:2"),
        ({"Dockerfile": "FROM node:16-alpine\n"}, "node@16", "Dockerfile:1"),
        ({"Dockerfile": "ARG V=3.9\nFROM docker.io/library/python:${V}-slim\n"}, "python@3.9", "Dockerfile:2"),
        ({"Dockerfile": "FROM maven:3.9-eclipse-temurin-17\n"}, "java@17", "Dockerfile:1"),
        ({"Dockerfile": "FROM eclipse-temurin:8u402-b06-jre\n"}, "java@8", "Dockerfile:1"),
        ({"Dockerfile": "FROM node:22 AS ui\nFROM python:3.9\nCOPY --from=ui a .\n"}, "python@3.9", "Dockerfile:2"),
        ({"Dockerfile": "FROM python:3.9 AS base\nFROM base\n"}, "python@3.9", "Dockerfile:1"),
        ({"Dockerfile": "FROM mcr.microsoft.com/dotnet/core/aspnet:3.1\n"}, "dotnet@3.1", "Dockerfile:1"),
        ({"Dockerfile": "FROM debian:12-slim\n"}, "debian@bookworm", "Dockerfile:1"),
        (
            {"compose.yaml": "services:\n  a:\n    build: .\n", "Dockerfile": "FROM php:8.2-cli"},
            "php@8.2",
            "Dockerfile:1",
        ),
    ],
)
def test_each_kind_of_file_says_the_version_with_its_line(propose, files: Files, runtime: str, source: str) -> None:
    chosen = only(propose(files)).chosen
    assert chosen.runtime == runtime
    assert [f"{one.mark.file}:{one.mark.line}" for one in chosen.says] == [source]


def test_the_newest_version_that_all_admit_is_taken(propose) -> None:
    files = {"setup.cfg": "[options]\npython_requires = <3.12\n", "pyproject.toml": PROJECT, "app.py": ""}
    assert only(propose(files)).chosen.runtime == "python@3.11"


def test_two_that_disagree_leave_the_choice_to_a_person(propose) -> None:
    one = only(propose({".python-version": "3.8\n", "Dockerfile": "\nFROM python:3.12-slim\nCMD python app.py\n"}))
    assert one.chosen.runtime == ""
    assert set(one.chosen.choices) == {"python@3.8", "python@3.12"}
    assert "Dockerfile:2 says python 3.12" in one.unclear[0]
    assert ".python-version:1 says python 3.8" in one.unclear[0]


def test_two_patches_of_one_release_disagree_as_well(propose) -> None:
    assert only(propose({".python-version": "3.8.5\n", "runtime.txt": "python-3.8.18\n"})).unclear


def test_a_version_that_is_not_in_the_catalogue_is_said_and_not_replaced(propose) -> None:
    one = only(propose({".python-version": "3.6.15\n", "app.py": ""}))
    assert one.chosen.runtime == ""
    assert "no version for this: .python-version:1 says python 3.6.15" in one.unclear[0]
    assert "known: 3.8" in one.unclear[0]


def test_of_several_families_nothing_is_guessed(propose) -> None:
    one = only(propose({"Gemfile": 'ruby "3.3.0"\n', "package.json": '{"engines": {"node": "16"}}'}))
    assert one.chosen.runtime == ""
    assert set(one.chosen.choices) == {"ruby@3.3", "node@16"}


def test_the_image_that_is_run_tells_which_of_several_families_is_meant(propose) -> None:
    files = {
        "Dockerfile": "FROM ruby:3.3\n",
        "Gemfile": 'ruby "3.3.0"\n',
        "package.json": '{"engines": {"node": "16"}}',
    }
    assert only(propose(files)).chosen.runtime == "ruby@3.3"


def test_where_no_file_says_a_version_the_newest_is_taken_and_said_to_be(propose) -> None:
    chosen = only(propose({"requirements.txt": "flask\n", "app.py": ""})).chosen
    assert chosen.runtime == "python@3.13"
    assert "no file says a version" in chosen.remark


def test_a_pin_above_counts_where_the_app_has_none_of_its_own(propose) -> None:
    files = {".python-version": "3.9\n", "a/requirements.txt": "", "a/app.py": "", "b/.python-version": "3.8\n"}
    apps = propose({**files, "b/requirements.txt": "", "b/app.py": ""}).apps
    assert {name: one.chosen.runtime for name, one in apps.items()} == {"a": "python@3.9", "b": "python@3.8"}


def test_a_folder_that_names_no_runtime_is_none(propose) -> None:
    with pytest.raises(NothingSelected, match="names a runtime"):
        propose({"README.md": "hello"})


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({".python-version": "3.11\n"}, ".python-version:1 says python 3.11"),
        ({}, "files for python, without a version"),
    ],
)
def test_a_bare_system_image_beside_files_of_a_language_is_a_choice(propose, more: Files, told: str) -> None:
    """Which of them was meant to run nobody can tell, and neither is dropped."""
    files = {"Dockerfile": "FROM debian:bookworm\nCMD python3 app.py\n", "requirements.txt": "", **more}
    chosen = only(propose(files)).chosen
    assert chosen.runtime == ""
    assert "Dockerfile:1 says debian bookworm" in chosen.remark
    assert told in chosen.remark
    assert chosen.choices[0] == "debian@bookworm"
    assert chosen.choices[1].startswith("python@3.1")


@pytest.mark.parametrize(
    ("files", "note"),
    [
        ({".nvmrc": "lts/*\n", "package.json": "{}"}, ".nvmrc says lts/*, which isolate cannot read as a version"),
        ({".nvmrc": "v16\n", "package.json": "{}"}, None),
        ({".nvmrc": "lts/*\n", "requirements.txt": ""}, None),
    ],
)
def test_a_pin_that_is_no_version_is_not_passed_over_in_silence(propose, files: Files, note: str | None) -> None:
    assert only(propose(files)).notes == ((note,) if note else ())
