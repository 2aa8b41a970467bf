"""What of an app's folder is sent, what is refused, and apps whose lists of packages name other files."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from uuid import uuid4
from zipfile import ZipFile

import pytest

from isolate import document, isolate, write
from orchestrator.contexts import read
from orchestrator.errors import ManifestError
from orchestrator.plan import Context
from worlds import job


def of(folder: Path) -> Context:
    return read(job("batch", "python@3.12", build=folder))


def test_a_file_is_known_by_the_hash_of_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/file").write_bytes(b"content")
    (tmp_path / "link").symlink_to("folder/file")
    digests = {file.path: file.digest for file in of(tmp_path).files}
    assert digests == {"folder": "", "folder/file": hashlib.sha256(b"content").hexdigest(), "link": ""}


def test_a_name_that_is_not_utf_8_is_refused_by_name(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9")).touch()
    with pytest.raises(ManifestError, match=r"b'caf\\xe9' is not UTF-8") as refused:
        of(tmp_path)
    refused.value.message.encode()


@pytest.mark.parametrize(
    ("text", "alone"),
    [
        ("six==1.16.0\n# -r ./base.txt\n\nattrs[x] >= 1 ; python_version < '4'\n", True),
        ("six==1.16.0 \\\n    --hash=sha256:00\n", True),
        ("backports.zipfile\n", True),
        ("six\n-r base.txt\n", False),
        ("\ufeff-c limits.txt\n", False),
        ("--requirement=base.txt\n", False),
        ("-e .\n", False),
        (".\n", False),
        ("lib/mine\n", False),
        ("mine-1-py3-none-any.whl\n", False),
        ("mine.tar.gz ; python_version < '4'\n", False),
    ],
)
def test_a_list_is_self_contained_where_it_names_no_other_file(text: str, alone: bool, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text(text, encoding="utf-8")
    assert of(tmp_path).self_contained is alone


def test_a_list_that_is_a_link_needs_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "base.txt").write_text("six\n")
    (tmp_path / "requirements.txt").symlink_to("base.txt")
    assert not of(tmp_path).self_contained


@pytest.mark.docker
def test_lists_that_name_files_of_their_app_serve_alone_and_shared(engine_url: str, tmp_path: Path) -> None:
    """Two wheels of one file name's place, so that each app must be given its own; nothing is fetched."""
    name = f"t-{uuid4().hex[:8]}"
    for app in ("one", "two"):
        wheel(tmp_path / app / "lib", f"of_{app}")
        (tmp_path / app / "requirements.txt").write_text(f"-r more/base.txt\n./lib/of_{app}-1-py3-none-any.whl\n")
        (tmp_path / app / "more").mkdir()
        (tmp_path / app / "more/base.txt").write_text("-c limits.txt\n")
        (tmp_path / app / "more/limits.txt").write_text(f"of_{app}==1\n")
    apps = {
        app: {
            "runtime": "python@3.12",
            "build": f"./{app}",
            "command": ["python", "-c", f"import of_{app}"],
            "checks": [{"exit": 0}],
        }
        for app in ("one", "two")
    }
    ran = isolate("up", write(tmp_path, name, apps), "--json", url=engine_url)
    isolate("down", name, url=engine_url)
    (entry,) = document(ran)["shared"]
    assert (ran.returncode, entry["verdict"]) == (0, "no-conflict")
    assert {cell["order"] for cell in entry["cells"] if cell["arm"] == "shared"} == {"together", "in-order", "reversed"}


def wheel(folder: Path, name: str) -> None:
    """The smallest wheel that pip installs."""
    folder.mkdir(parents=True)
    about = f"{name}-1.dist-info"
    with ZipFile(folder / f"{name}-1-py3-none-any.whl", "w") as made:
        made.writestr(f"{name}.py", "")
        made.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
        made.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        made.writestr(f"{about}/RECORD", f"{name}.py,,\n{about}/METADATA,,\n{about}/WHEEL,,\n{about}/RECORD,,\n")
