"""Node.js and npm. Every app has its packages in a folder of its own, `node_modules`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from orchestrator.family import ALWAYS, Declared, Family, Machine, Setting, declared, signs
from orchestrator.ranges import LATEST, admits, numbers

NAME = r"(@[a-z0-9][a-z0-9._-]*/)?[a-z0-9][a-z0-9._-]*"
RANGE = r"([~^]|[<>]=?)?\d+(\.(\d+|x))*(-[0-9A-Za-z.-]+)?"
PACKAGE = re.compile(rf"(?!\S*\.(tgz|tar|tar\.gz)(@|$)){NAME}(@{RANGE})?", re.ASCII)
"""A name of the registry and one comparator of node-semver; no tags, aliases, paths or URLs."""

KEPT = re.compile(r"(@[^:=\s]+:)?registry|//\S+:(_authToken|_auth|_password|username)|strict-ssl")
"""Keys of an .npmrc that say how the registry is reached."""
SECRET = re.compile(r":_|^\S*registry\s*=\s*\S+//[^/\s]*@", re.MULTILINE)

SHARE_OF_HEAP = 0.7
"""V8 takes its limit from the machine, not from the box; the rest of a process needs about a third."""

VARIABLE = re.compile(r"\$\{(\w+)\}")

CODES = (
    "E5\\d\\d|E429|E40[13]|ENOTFOUND|EAI_AGAIN|ECONN\\w+|EPIPE|EPROTO|ENETUNREACH|EHOSTUNREACH|ENOSPC|FETCH_ERROR"
    "|\\w*TIME(?:D?OUT|OUT)|ERR_SOCKET_\\w+|\\w*SELF_SIGNED_CERT\\w*|UNABLE_TO_(?:GET|VERIFY)\\w+|CERT_\\w+|ERR_SSL_\\w+"
)
"""npm 6 to 10 and the Node below it, when the registry cannot be reached, is slow, or does not let us in."""


def observed(output: str) -> tuple[str, ...]:
    """`v12.22.12` -> 12.22.12."""
    return tuple(re.findall(r"^v(\d+\.\d+\.\d+\S*)$", output, re.MULTILINE))


def heap(memory: int) -> Mapping[str, str]:
    """The old generation, in MiB."""
    return {"NODE_OPTIONS": f"--max-old-space-size={int(memory * SHARE_OF_HEAP) >> 20}"}


def prefix(version: str) -> str:
    """Node finds its own from where its program lies."""
    return f"/opt/node-{version}"


def settings(machine: Machine) -> Mapping[str, Setting]:
    """The machine's and the user's .npmrc, later ones win, then the variable (npm's page on config).

    `${NAME}` is what the machine's variable holds: the build has none of them.
    """

    def known(match: re.Match[str]) -> str:
        return machine.environ.get(match[1], "")

    user = machine.environ.get("NPM_CONFIG_USERCONFIG") or machine.environ.get("npm_config_userconfig")
    found: dict[str, str] = {}
    for path in (Path("/etc/npmrc"), Path("/usr/etc/npmrc"), Path(user) if user else machine.home / ".npmrc"):
        lines = (line.partition("=") for line in (machine.text(path) or "").splitlines())
        found |= {key.strip(): value.strip() for key, _, value in lines if KEPT.fullmatch(key.strip())}
    for name in ("npm_config_registry", "NPM_CONFIG_REGISTRY"):
        found |= {"registry": machine.environ[name]} if machine.environ.get(name) else {}
    text = "".join(f"{key}={VARIABLE.sub(known, value)}\n" for key, value in found.items())
    return {"npmrc": Setting(text.encode(), secret=SECRET.search(text) is not None)} if text else {}


def nvmrc(text: str) -> Declared | None:
    """`.nvmrc`, `.node-version`: v12.22.12; an alias such as `lts/*` names no version."""
    return declared(r"\A\s*v?(\d[\d.]*)\s*$", text)


def tool_versions(text: str) -> Declared | None:
    """`.tool-versions`: the first version of the line `nodejs 12.22.12`."""
    return declared(r"^[ \t]*nodejs[ \t]+([^\s#]+)", text)


def engines(text: str) -> Declared | None:
    """`package.json`: engines.node."""
    try:
        wanted = json.loads(text)["engines"]["node"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    line = declared(r"\"(node)\"\s*:", text[text.find('"engines"') :])
    before = text.count("\n", 0, text.find('"engines"'))
    return (wanted, before + (line[1] if line else 1)) if isinstance(wanted, str) else None


def allows(wanted: str, version: str) -> bool:
    """Whether a range of node-semver (`^12.20 || >=14`, `12.x`, `>=12 <17`) admits the release `version`."""
    return any(_all(part, version) for part in wanted.split("||"))


def _all(part: str, version: str) -> bool:
    hyphen = re.fullmatch(r"\s*v?([\d.]+)\s+-\s+v?([\d.]+)\s*", part)
    words = [f">={hyphen[1]}", f"<={hyphen[2]}"] if hyphen else re.sub(r"([<>=~^]+)\s+", r"\1", part).split()
    return all(_one(word, version) for word in words)


def _one(word: str, version: str) -> bool:
    """One comparator. `>12` begins after all of 12, `<=12` ends with it, and `~12.5` may be any later 12."""
    match = re.fullmatch(r"(<=?|>=?|=|~|\^)?v?(\d{1,9}(?:\.\d{1,9})*)?(?:\.?[xX*])*", word)
    if not match:
        return False
    operator, number = match[1] or "=", match[2] or ""
    if not number:
        return not match[1]
    if operator == ">":
        bound = numbers(number)
        return (*numbers(version), LATEST)[: len(bound)] > bound
    return admits("^" if operator == "~" else operator, number, version, wild=operator == "<=")


FAMILY = Family(
    name="node",
    version_command=("node", "-v"),
    observed=observed,
    heap=heap,
    package=PACKAGE,
    package_hint="a name and a version: express@5.1.0, @scope/name@^1.2; anything else belongs into package.json",
    settings=settings,
    joins_packages=False,
    package_files=("package.json", "package-lock.json"),
    refers=ALWAYS,
    declarations={
        ".nvmrc": nvmrc,
        ".node-version": nvmrc,
        ".tool-versions": tool_versions,
        "package.json": engines,
    },
    claims=("package.json",),
    allows=allows,
    prefix=prefix,
    roll_forward=({"NODE_OPTIONS": "--openssl-legacy-provider"},),
    signatures=(
        *signs(
            rf"^npm (?:ERR!|error) code (?:{CODES})$",
            infrastructure=True,
        ),
        *signs(
            r"^(was compiled against a different Node\.js version using\s+NODE_MODULE_VERSION \d+\. "
            r"This version of Node\.js requires\s+NODE_MODULE_VERSION \d+)",
            meaning="a compiled addon speaks the ABI of one release of Node alone",
        ),
        *signs(
            r"^.*Error: error:0308010C:digital envelope routines.*",
            meaning="the OpenSSL 3 inside Node 17 and later leaves out what is old, such as MD4",
        ),
        *signs(r"^SyntaxError: ", meaning="the engine of that release does not have what the source says"),
        *signs(
            r"^npm (?:ERR!|error) 404 +(.* is not in (?:this|the npm) registry.*)",
            r"^npm (?:ERR!|error) notarget +(No matching version found .*)",
            r"^npm (?:ERR!|error) code (?:ERESOLVE|ETARGET|EBADENGINE|ENOTSUP|E404)$",
            r"^(?:Uncaught )?(?:\w+)?Error(?: \[\w+\])?: .*",
            r"^npm (?:ERR!|error) .*",
        ),
    ),
)
