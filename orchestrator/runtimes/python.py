"""CPython and pip."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping

from orchestrator import pip
from orchestrator.family import Declared, Family, declared, meet, signs
from orchestrator.ranges import admits

NAME = r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?"
EXTRAS = rf"\[ *{NAME}( *, *{NAME})* *\]"
CLAUSE = r"(~=|===?|!=|<=?|>=?) *[A-Za-z0-9][A-Za-z0-9._+!-]*(\.\*)?"
PACKAGE = re.compile(rf"{NAME}( *{EXTRAS})?( *{CLAUSE}( *, *{CLAUSE})*)?", re.ASCII)
"""Name, extras and versions of PEP 508; no URLs, markers or options."""

REFERS = re.compile(r"^[ \t]*+(?:\.|-(?!-hash\b)|[^#\n]*?(?:/|\.(?:whl|zip|tar|tgz|tbz|txz|tlz)\b))", re.MULTILINE)
"""A line of requirements.txt that is an option (`-r`, `-c`, `-e`), a path, an archive or a URL."""

INVENTORY = """\
import hashlib, json
from importlib.metadata import distributions
packages, files, owners = {}, {}, {}
for one in distributions():
    name = one.metadata["Name"]
    packages[name] = one.version
    for file in one.files or ():
        path = str(file)
        if path.endswith(".pyc") or ".dist-info/" in path or ".egg-info/" in path:
            continue
        try:
            files[path] = hashlib.sha256(one.locate_file(file).read_bytes()).hexdigest()[:12]
        except OSError:
            continue
        owners.setdefault(path, []).append(name + " " + one.version)
print(json.dumps({"packages": packages, "files": files, "owners": owners}))
"""
"""Every distribution with the files its RECORD lists; two may list the same one."""


def observed(output: str) -> tuple[str, ...]:
    """`Python 3.8.18` -> 3.8.18."""
    return tuple(re.findall(r"^Python (\d+\.\d+\.\d+\S*)", output, re.MULTILINE))


def environment(_port: int | None) -> Mapping[str, str]:
    """Lines are seen when they are printed, not when a buffer is full."""
    return {"PYTHONUNBUFFERED": "1"}


def prefix(version: str) -> str:
    """An interpreter finds its own from where its program lies."""
    return f"/opt/python-{version}"


def python_version(text: str) -> Declared | None:
    """`.python-version`: the first line that names a version."""
    return declared(r"^[ \t]*(?:python-|cpython-)?([^\s#]+)", text)


def runtime_txt(text: str) -> Declared | None:
    """`runtime.txt`: python-3.8.18."""
    return declared(r"^[ \t]*python-([^\s#]+)", text)


def tool_versions(text: str) -> Declared | None:
    """`.tool-versions`: the first version of the line `python 3.8.18 ...`."""
    return declared(r"^[ \t]*python[ \t]+([^\s#]+)", text)


def requires_python(text: str) -> Declared | None:
    """`pyproject.toml`: requires-python of the project, or what Poetry has in its place."""
    try:
        whole = tomllib.loads(text)
        wanted = whole.get("project", {}).get("requires-python")
        poetry = None if wanted else whole.get("tool", {}).get("poetry", {}).get("dependencies", {}).get("python")
    except (tomllib.TOMLDecodeError, AttributeError, RecursionError, ValueError):
        return None
    line = declared(r"^[ \t]*[\"']?(python)\b" if poetry else r"^[ \t]*[\"']?(requires-python)\b", text)
    wanted = _poetry(poetry) if isinstance(poetry, str) else wanted
    return (wanted, line[1] if line else 1) if isinstance(wanted, str) else None


def _poetry(wanted: str) -> str:
    """Poetry's `^3.8` is >=3.8,<4 and its `~3.8` is ==3.8.*; the rest is PEP 440's."""
    caret = r"\^\s*(\d{1,9})((?:\.\d{1,9})*)"
    plain = re.sub(caret, lambda found: f">={found[1]}{found[2]},<{int(found[1]) + 1}", wanted)
    return re.sub(r"~\s*(\d{1,9}\.\d{1,9})(?:\.\d{1,9})*", r"==\1.*", plain)


def setup_cfg(text: str) -> Declared | None:
    """`setup.cfg`: python_requires of its options."""
    found = declared(r"^[ \t]*python_requires[ \t]*=[ \t]*([^\s#;][^\n#;]*)", text)
    return (found[0].strip(), found[1]) if found else None


def setup_py(text: str) -> Declared | None:
    """`setup.py`: python_requires, where it is written out."""
    return declared(r"\bpython_requires\s*=\s*[\"']([^\"'\n]+)[\"']", text)


def pipfile(text: str) -> Declared | None:
    """`Pipfile`: the version it requires."""
    return declared(r"^[ \t]*python_(?:full_)?version[ \t]*=[ \t]*[\"']([^\"'\n]+)[\"']", text)


def allows(wanted: str, version: str) -> bool:
    """Whether a version (3.8.18) or a specifier of PEP 440 (>=3.8,<4) admits the release `version` (3.8)."""
    if re.match(r"\d", wanted):
        return meet(version, wanted)
    return all(_clause(clause.strip(), version) for clause in wanted.split(",") if clause.strip())


def _clause(clause: str, version: str) -> bool:
    match = re.fullmatch(r"(~=|===?|!=|<=?|>=?)\s*v?(\d{1,9}(?:\.\d{1,9})*)(\.\*)?", clause)
    if not match:
        return False
    operator = {"~=": "~", "===": "=="}.get(match[1], match[1])
    return admits(operator, match[2], version, wild=match[3] is not None)


FAMILY = Family(
    name="python",
    version_command=("python", "-V"),
    observed=observed,
    environment=environment,
    package=PACKAGE,
    package_hint="a name, extras and versions: pydantic[email]>=1.10,<2; anything else belongs into requirements.txt",
    settings=pip.settings,
    package_files=("requirements.txt",),
    refers=REFERS,
    declarations={
        ".python-version": python_version,
        "runtime.txt": runtime_txt,
        "pyproject.toml": requires_python,
        "setup.cfg": setup_cfg,
        "setup.py": setup_py,
        "Pipfile": pipfile,
        ".tool-versions": tool_versions,
    },
    claims=("pyproject.toml", "setup.cfg", "setup.py"),
    allows=allows,
    prefix=prefix,
    inventory=("python", "-c", INVENTORY),
    signatures=(
        *signs(
            r"WARNING: Retrying \(Retry\(.*",
            r"Could not fetch URL (?!.* 404 Client Error).*",
            r"ERROR: .*(?:HTTPS?ConnectionPool|TimeoutError|ProxyError|SSLError|No space left on device).*",
            r"ERROR: HTTP error 5\d\d while getting .*",
            infrastructure=True,
        ),
        *signs(
            r"^\s*ERROR: Cannot install .*",
            r"^\s*ERROR: .* requires a different Python.*",
            r"^\s*ERROR: No matching distribution found .*",
            r"^\s*ERROR: Could not find a version that satisfies .*",
            r"^\s*ERROR: ResolutionImpossible.*",
            r"^\s*(?:[\w.]+\.)?\w+(?:Error|Exception)(?:: .*)?$",
            r"^\s*ERROR: .*",
        ),
        *signs(
            r"^ModuleNotFoundError: No module named '(?:imp|asynchat|asyncore|distutils|smtpd)'$",
            meaning="Python 3.12 took it out of the standard library",
        ),
        *signs(r"^SyntaxError: ", meaning="the grammar of that version does not have what the source says"),
    ),
)
