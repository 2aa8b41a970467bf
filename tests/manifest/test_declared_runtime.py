"""Where a manifest omits `runtime`, the files of the build context say it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from orchestrator.errors import ManifestError
from orchestrator.manifest import Folder, Source, parse
from orchestrator.model import Runtime
from orchestrator.runtimes import families

TEXT = "name: p\napps:\n  one:\n    build: code\n    command: [x]\n"
KNOWN = {
    "dotnet": ("2.2", "3.1"),
    "node": ("12", "16", "22"),
    "python": ("3.8", "3.9", "3.10", "3.11", "3.12", "3.13"),
}
Read = Callable[[Mapping[str, str]], Runtime]


@pytest.fixture
def runtime() -> Read:
    """Files of the context -> the runtime they make."""

    def read(files: Mapping[str, str]) -> Runtime:
        source = Source(Path("shop/m.yaml"), TEXT, lambda _build, _patterns: Folder(Path("/shop/code"), texts=files))
        return parse([source], families(), KNOWN).apps["one"].runtime

    return read


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({".python-version": "3.8.18\n"}, "python@3.8"),
        ({".python-version": "# pinned\n3.9\n3.12\n"}, "python@3.9"),
        ({"runtime.txt": "python-3.11.4"}, "python@3.11"),
        ({".tool-versions": "terraform 1.5\npython 3.10.2 3.9.1\n"}, "python@3.10"),
        ({"pyproject.toml": '[project]\nrequires-python = ">=3.8,<3.10"\n'}, "python@3.9"),
        ({"pyproject.toml": '[project]\nrequires-python = "~=3.8.5"\n'}, "python@3.8"),
        ({"pyproject.toml": '[project]\nrequires-python = ">=3.8,!=3.13.*"\n'}, "python@3.12"),
        ({"global.json": '{"sdk": {"version": "2.2.104"}}'}, "dotnet@2.2"),
        ({"App.csproj": "<TargetFramework>netcoreapp3.1</TargetFramework>"}, "dotnet@3.1"),
        ({"App.csproj": "<TargetFrameworks>netcoreapp2.2;netcoreapp3.1</TargetFrameworks>"}, "dotnet@3.1"),
        ({".tool-versions": "dotnet-core 3.1.102\n"}, "dotnet@3.1"),
        ({".nvmrc": "v12.22.12\n"}, "node@12"),
        ({"package.json": '{"engines": {"node": ">=12 <17"}}'}, "node@16"),
    ],
)
def test_one_file_is_enough(runtime: Read, files: Mapping[str, str], expected: str) -> None:
    assert str(runtime(files)) == expected


def test_of_the_tools_of_a_project_the_one_that_another_file_names_is_meant(runtime: Read) -> None:
    tools = "nodejs 22.1.0\npython 3.10.2\n"
    assert str(runtime({".tool-versions": tools, "runtime.txt": "python-3.10.2"})) == "python@3.10"
    assert str(runtime({".tool-versions": tools, "package.json": '{"engines": {"node": ">=16"}}'})) == "node@22"


def test_an_exact_version_wins_over_a_range_that_admits_it(runtime: Read) -> None:
    found = runtime({".python-version": "3.9.18\n", "pyproject.toml": '[project]\nrequires-python = ">=3.8"\n'})
    assert str(found) == "python@3.9"
    assert str(found.source) == "shop/code/.python-version:1:1"


def test_two_files_that_agree_are_fine(runtime: Read) -> None:
    files = {"global.json": '{\n"sdk": {"version": "2.2.104"}}', "A.csproj": "<TargetFramework>netcoreapp2.2<"}
    assert str(runtime(files)) == "dotnet@2.2"


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "the app has no `runtime`, and no file of its build context names one"),
        ({"pyproject.toml": "[project\n"}, "no file of its build context names one"),
        ({"global.json": "[" * 5000}, "no file of its build context names one"),
        ({"App.csproj": "<TargetFramework>netstandard2.0</TargetFramework>"}, "no file of its build context names one"),
        (
            {".python-version": "2.7.18"},
            "no known version satisfies it: shop/code/.python-version:1 says python 2.7.18",
        ),
        ({".python-version": "pypy3.9-7.3"}, "says python pypy3.9-7.3"),
        (
            {".python-version": "3.8", "pyproject.toml": '[project]\nname = "x"\nrequires-python = ">=3.12"\n'},
            (
                "no known version satisfies all: shop/code/.python-version:1 says python 3.8; "
                "shop/code/pyproject.toml:3 says python >=3.12"
            ),
        ),
        (
            {"global.json": '{"sdk": {"version": "3.1.102"}}', "A.csproj": "\n<TargetFramework>netcoreapp2.2<"},
            (
                "no known version satisfies all: shop/code/A.csproj:2 says dotnet 2.2; "
                "shop/code/global.json:1 says dotnet 3.1.102"
            ),
        ),
        (
            {".tool-versions": "python 3.12.1\ndotnet 3.1.102\n"},
            (
                "the files of the build context name several runtimes: shop/code/.tool-versions:2 says dotnet 3.1.102; "
                "shop/code/.tool-versions:1 says python 3.12.1"
            ),
        ),
    ],
)
def test_files_that_do_not_decide_are_an_error(runtime: Read, files: Mapping[str, str], message: str) -> None:
    with pytest.raises(ManifestError) as caught:
        runtime(files)
    assert message in caught.value.message
    assert caught.value.where == "shop/m.yaml:3:3"


def test_a_runtime_in_the_manifest_is_never_overruled() -> None:
    text = TEXT.replace("    build", "    runtime: python@3.12\n    build")
    source = Source(
        Path("m.yaml"), text, lambda _build, _patterns: Folder(Path("/code"), texts={".python-version": "3.8"})
    )
    assert str(parse([source], families(), KNOWN).apps["one"].runtime) == "python@3.12"
