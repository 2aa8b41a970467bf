"""Ruby, as the interpreter comes: its standard library and bundled gems."""

from __future__ import annotations

import re

from orchestrator.family import NEVER, Declared, Family, declared, signs
from orchestrator.ranges import admits

NUMBER = r"\d{1,9}(?:\.\d{1,9})*"


def observed(output: str) -> tuple[str, ...]:
    """`ruby 2.7.4p191 (2021-07-07 revision a21a3b7d23) [x86_64-linux-gnu]` -> 2.7.4."""
    return tuple(re.findall(r"^ruby (\d+\.\d+\.\d+)", output, re.MULTILINE))


def ruby_version(text: str) -> Declared | None:
    """`.ruby-version`: the first line that names a version, 2.7.4 or ruby-2.7.4."""
    return declared(rf"^\s*(?:ruby-)?({NUMBER})", text)


def tool_versions(text: str) -> Declared | None:
    """`.tool-versions`: the first version of the line `ruby 2.7.4`."""
    return declared(rf"^\s*ruby[ \t]+({NUMBER})", text)


def gemfile(text: str) -> Declared | None:
    """`Gemfile`: the requirements of its line `ruby ">= 2.7", "< 3.2"`, with commas between them."""
    line = declared(r"^[ \t]*ruby[ \t(]+((?:\[?[ \t]*[\"'][^\"'\n]*[\"'][ \t]*,?)+)", text)
    return (",".join(re.findall(r"[\"']([^\"']*)[\"']", line[0])), line[1]) if line else None


def allows(wanted: str, version: str) -> bool:
    """Whether a version (2.7.4) or requirements of a Gemfile (`>= 2.7,< 3.2`) admit the release `version` (2.7)."""
    return all(_clause(clause.strip(), version) for clause in wanted.split(","))


def _clause(clause: str, version: str) -> bool:
    match = re.fullmatch(rf"(~>|!=|[<>]=?|=)?\s*({NUMBER})", clause)
    return match is not None and admits((match[1] or "=").replace("~>", "~"), match[2], version)


FAMILY = Family(
    name="ruby",
    version_command=("ruby", "-v"),
    observed=observed,
    package=NEVER,
    package_hint="gems are not installed yet; an app has Ruby's own library and what its build context holds",
    declarations={".ruby-version": ruby_version, ".tool-versions": tool_versions, "Gemfile": gemfile},
    claims=("Gemfile",),
    allows=allows,
    signatures=(
        *signs(
            r"Tried to (?:load|dump) unspecified class: ",
            meaning="from Psych 4 on, which came with Ruby 3.1, YAML.load makes plain values only",
        ),
        *signs(
            r"undefined method [`'](?:exists\?)' for (?:class )?(?:File|Dir|FileTest)\b",
            r"uninitialized constant (?:\w+::)*(?:Fixnum|Bignum)\b",
            r"undefined method [`'](?:taint|untaint|tainted\?|trust|untrust|untrusted\?)' for ",
            meaning="Ruby 3.2 took it out",
        ),
        *signs(
            r"undefined method [`'](?:escape|encode|unescape|decode)' for (?:module )?URI\b",
            meaning="Ruby 3.0 took it out",
        ),
        *signs(
            r"wrong number of arguments \(given \d+, expected \d+; required keywords?: ",
            meaning="from Ruby 3.0 on a hash is no longer taken for keywords",
        ),
        *signs(
            r"\bsyntax errors? ?(?:found|, unexpected)",
            meaning="the grammar of that version does not have what the source says",
        ),
        *signs(
            r"uninitialized constant (?:\w+::)*Data \(|undefined method `define' for Data:Class",
            meaning="Data.define came with Ruby 3.2",
        ),
        *signs(
            r"Address already in use - .* \(Errno::EADDRINUSE\)",
            r"cannot load such file -- .* \(LoadError\)",
            r"^\S+:\d+:in .*: .* \([A-Z]\w*(?:::\w+)*\)$",
        ),
    ),
)
