"""PHP's command line, the web server in it (`exec php -S 0.0.0.0:"$PORT"`), and Composer.

Every app has its packages in a folder of its own, `vendor`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from orchestrator.errors import UsageError
from orchestrator.family import ALWAYS, Declared, Family, Machine, Setting, declared, signs
from orchestrator.ranges import admits

NUMBER = r"\d{1,9}(?:\.\d{1,9})*"

WORD = r"[a-z0-9]+([_.-]+[a-z0-9]+)*"
PACKAGE = re.compile(rf"{WORD}/{WORD}(:(\*|([~^]|!=|[<>]=?|==?)?v?\d+(\.\d+)*(\.\*|-[0-9A-Za-z.]+)?))?", re.ASCII)
"""A name and one constraint, as `composer require` takes them; no branches, stabilities, paths or URLs."""

CREDENTIALS = ("bearer", "bitbucket-oauth", "github-oauth", "gitlab-oauth", "gitlab-token", "http-basic")
KEPT = ("github-domains", "gitlab-domains", "secure-http")

ERROR = r"^(?:PHP )?(?:Fatal|Parse) error: +"
"""How a line begins. What the web server logs of a request begins with the time, and says no more than its answer."""


def observed(output: str) -> tuple[str, ...]:
    """`PHP 7.4.33 (cli) (built: ...) ( NTS )` -> 7.4.33."""
    return tuple(re.findall(r"^PHP (\d+\.\d+\.\d+)", output, re.MULTILINE))


def php_version(text: str) -> Declared | None:
    """`.php-version`: the first line that names a version."""
    return declared(rf"^[ \t]*({NUMBER})", text)


def tool_versions(text: str) -> Declared | None:
    """`.tool-versions`: the first version of the line `php 7.4.33`."""
    return declared(rf"^[ \t]*php[ \t]+({NUMBER})", text)


def composer_json(text: str) -> Declared | None:
    """`composer.json`: the constraint on `php` among what it requires."""
    try:
        wanted = json.loads(text)["require"]["php"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    line = declared(r'("php")\s*:', text)
    return (wanted, line[1] if line else 1) if isinstance(wanted, str) else None


def allows(wanted: str, version: str) -> bool:
    """Whether a version (7.4.33) or a constraint of Composer's (`^7.4 || >=8.1 <8.3`) admits the release `version`."""
    return any(_all(part.strip(), version) for part in re.split(r"\|\|?", wanted))


def _all(part: str, version: str) -> bool:
    """Every clause of an alternative; blanks or commas stand between them."""
    span = re.fullmatch(rf"({NUMBER})\s+-\s+({NUMBER})", part)
    clauses = [f">={span[1]}", f"<={span[2]}.*"] if span else re.sub(r"([<>=~^!])\s+", r"\1", part).split()
    return bool(clauses) and all(_clause(clause, version) for one in clauses for clause in one.split(",") if clause)


def _clause(clause: str, version: str) -> bool:
    match = re.fullmatch(rf"(!=|<>|[<>]=?|==?|[~^])?v?({NUMBER})(\.\*)?", clause)
    if not match:
        return clause == "*"
    operator = {"": "=", "==": "=", "<>": "!="}.get(match[1] or "", match[1])
    return admits(operator, match[2], version, wild=match[3] is not None)


def settings(machine: Machine) -> Mapping[str, Setting]:
    """Repositories and credentials out of Composer's home, then COMPOSER_AUTH; raises UsageError for broken JSON."""
    config = Path(machine.environ.get("XDG_CONFIG_HOME") or machine.home / ".config")
    named = machine.environ.get("COMPOSER_HOME")
    homes = [Path(named)] if named else [config / "composer", machine.home / ".composer"]

    def read(name: str) -> dict[str, Any]:
        texts = ((str(home / name), machine.text(home / name)) for home in homes)
        return next((_object(text, where) for where, text in texts if text is not None), {})

    whole = read("config.json")
    told = whole["config"] if isinstance(whole.get("config"), dict) else {}
    auth = _object(machine.environ.get("COMPOSER_AUTH") or "{}", "COMPOSER_AUTH")
    auth = {name: one for name, one in {**told, **read("auth.json"), **auth}.items() if name in CREDENTIALS}
    kept = {"config": {name: told[name] for name in KEPT if name in told}, "repositories": whole.get("repositories")}
    text = json.dumps({name: one for name, one in kept.items() if one})
    return {
        **({"composer-config.json": Setting(text.encode(), secret="@" in text)} if any(kept.values()) else {}),
        **({"composer-auth.json": Setting(json.dumps(auth).encode(), secret=True)} if auth else {}),
    }


def _object(text: str, where: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        hint = "mend it: `composer diagnose` tells what is wrong"
        raise UsageError("Composer's configuration cannot be read", where=where, hint=hint)
    return found


FAMILY = Family(
    name="php",
    version_command=("php", "-v"),
    observed=observed,
    package=PACKAGE,
    package_hint="a name and a constraint: monolog/monolog:^2.0; anything else belongs into composer.json",
    settings=settings,
    joins_packages=False,
    package_files=("composer.json", "composer.lock"),
    refers=ALWAYS,
    declarations={"composer.json": composer_json, ".php-version": php_version, ".tool-versions": tool_versions},
    claims=("composer.json",),
    allows=allows,
    signatures=(
        *signs(
            r"^\s*curl error \d+ while downloading .*",
            r"^\s*The \S+ file could not be downloaded \(HTTP/\S+ (?:429|5\d\d)\b.*",
            r"^\s*The \S+ URL required authentication .*",
            r"^\S+ could not be fully loaded \(.*",
            infrastructure=True,
        ),
        *signs(
            r"^\s*- .* requires php\S* .* your php version \(.*\) does not satisfy that requirement\.",
            rf"{ERROR}Composer detected issues in your platform: .* require a PHP version .*",
            meaning="the app or a package of its is not made for that PHP",
        ),
        *signs(
            r"^\s*- .* requires .*\bext-\S+ .* (?:is missing from your system|is disabled by your platform config)\b.*",
            meaning="the image has no such extension of PHP",
        ),
        *signs(
            r"^\s*- .* conflicts? with .*",
            r"^\s*- Root composer\.json requires .*(?:could not be found|does not match the constraint).*",
            r"^\s*Could not find a matching version of package .*",
            r"^\s*The \S+ file could not be downloaded .*",
            r"^\s*\S+ does not contain valid JSON",
        ),
        *signs(
            rf"{ERROR}Uncaught Error: Call to undefined function (?:each|create_function|money_format)\(",
            rf"{ERROR}Uncaught Error: Call to undefined function get_magic_quotes_(?:gpc|runtime)\(",
            rf"{ERROR}Array and string offset access syntax with curly braces is no longer supported",
            meaning="PHP 8.0 took it out",
        ),
        *signs(
            rf"{ERROR}Uncaught (?:TypeError: \w+\(\): Argument #|DivisionByZeroError: Division by zero)",
            meaning="from PHP 8.0 on it throws where it used to warn",
        ),
        *signs(
            rf"{ERROR}syntax error, unexpected ",
            meaning="the grammar of that version does not have what the source says",
        ),
        *signs(ERROR, r"Failed to listen on \S+ \(reason: Address already in use\)"),
    ),
)
