"""Ruby, RubyGems and Bundler. Gems of several versions lie beside each other; an app's Gemfile says which are its."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from orchestrator.family import ALWAYS, Declared, Family, Machine, Setting, declared, signs
from orchestrator.ranges import admits

NUMBER = r"\d{1,9}(?:\.\d{1,9})*"

NAME = r"[A-Za-z0-9][A-Za-z0-9._-]*"
PACKAGE = re.compile(rf"{NAME}(:(~>|!=|[<>]=?|=)?\d+(\.[0-9A-Za-z]+)*)?", re.ASCII)
"""A name and one requirement, as `gem install` takes them; no paths, URLs or options."""

KEPT = re.compile(r"BUNDLE_(?!(?:BUILD|GEM|INIT|LOCAL|PLUGINS)__)(?:\S+?__\S+|SSL_VERIFY_MODE)", re.ASCII)
"""Keys of Bundler's that say how a source is reached; those with a host's name hold what it is told of the user."""
OPEN = re.compile(r"BUNDLE_(?:MIRROR__|SSL_)")
SETTING = re.compile(r"^(BUNDLE_.+?): +(\S.*)$", re.MULTILINE)
SOURCES = re.compile(r"^:?sources:[ \t]*\n((?:[ \t]*- .+\n?)+)", re.MULTILINE)
"""What an .gemrc names in RubyGems' place."""

INVENTORY = """\
require "json"
newest = Gem::Specification.latest_specs.to_h { |one| [one.name, one.version.to_s] }
puts JSON.generate(packages: newest, files: {}, owners: {})
"""
"""What an app without a Gemfile gets: of each gem the newest. No two of them own one file."""


def observed(output: str) -> tuple[str, ...]:
    """`ruby 2.7.4p191 (2021-07-07 revision a21a3b7d23) [x86_64-linux-gnu]` -> 2.7.4."""
    return tuple(re.findall(r"^ruby (\d+\.\d+\.\d+)", output, re.MULTILINE))


def ruby_version(text: str) -> Declared | None:
    """`.ruby-version`: the first line that names a version, 2.7.4 or ruby-2.7.4."""
    return declared(rf"^[ \t]*(?:ruby-)?({NUMBER})", text)


def tool_versions(text: str) -> Declared | None:
    """`.tool-versions`: the first version of the line `ruby 2.7.4`."""
    return declared(rf"^[ \t]*ruby[ \t]+({NUMBER})", text)


def gemfile(text: str) -> Declared | None:
    """`Gemfile`: the requirements of its line `ruby ">= 2.7", "< 3.2"`, with commas between them."""
    line = declared(r"^[ \t]*ruby[ \t(]++((?:\[?[ \t]*+[\"'][^\"'\n]*[\"'][ \t]*+,?)+)", text)
    return (",".join(re.findall(r"[\"']([^\"']*)[\"']", line[0])), line[1]) if line else None


def allows(wanted: str, version: str) -> bool:
    """Whether a version (2.7.4) or requirements of a Gemfile (`>= 2.7,< 3.2`) admit the release `version` (2.7)."""
    return all(_clause(clause.strip(), version) for clause in wanted.split(","))


def _clause(clause: str, version: str) -> bool:
    match = re.fullmatch(rf"(~>|!=|[<>]=?|=)?\s*({NUMBER})", clause)
    return match is not None and admits((match[1] or "=").replace("~>", "~"), match[2], version)


def settings(machine: Machine) -> Mapping[str, Setting]:
    """The user's mirrors and credentials of Bundler, then its variables (`bundle config`), and sources of an .gemrc."""
    user = machine.environ.get("BUNDLE_USER_CONFIG")
    text = machine.text(Path(user) if user else machine.home / ".bundle" / "config") or ""
    found = {key: value.strip("\"'") for key, value in SETTING.findall(text)} | dict(machine.environ)
    kept = {key: value for key, value in sorted(found.items()) if value and KEPT.fullmatch(key)}
    secret = any("@" in value or not OPEN.match(key) for key, value in kept.items())
    bundle = "---\n" + "".join(f'{key}: "{value}"\n' for key, value in kept.items())
    named = machine.environ.get("GEMRC", "").split(os.pathsep)
    files = (Path("/etc/gemrc"), machine.home / ".gemrc", *(Path(one) for one in named if one))
    texts = (machine.text(path) or "" for path in files)
    sources = [lines for text in texts for lines in SOURCES.findall(text)]
    return {
        **({"bundle.config": Setting(bundle.encode(), secret)} if kept else {}),
        **({"gemrc": Setting(f"---\n:sources:\n{sources[-1]}".encode(), "@" in sources[-1])} if sources else {}),
    }


FAMILY = Family(
    name="ruby",
    version_command=("ruby", "-v"),
    observed=observed,
    package=PACKAGE,
    package_hint="a name and a requirement: rack, rack:2.2.8, rack:~>2.2; anything else belongs into a Gemfile",
    settings=settings,
    joins_packages=False,
    package_files=("Gemfile", "Gemfile.lock"),
    refers=ALWAYS,
    inventory=("ruby", "-e", INVENTORY),
    declarations={".ruby-version": ruby_version, ".tool-versions": tool_versions, "Gemfile": gemfile},
    claims=("Gemfile",),
    allows=allows,
    signatures=(
        *signs(
            r"^Could not fetch specs from (?!.* 404 ).*",
            r"^Could not reach host .*",
            r"^(?:Authentication is required|Bad username or password|Access token could not be authenticated) for .*",
            r"^\s*Unable to download data from (?!.* 404 ).*",
            infrastructure=True,
        ),
        *signs(
            r"^Your Ruby version is \S+, but your Gemfile specified .*",
            r"^\s*\S+ requires [Rr]uby version [^,]*[,.]",
            r"^So, because current Ruby version is .*",
            r"^Bundler found conflicting requirements for the Ruby\W+version:",
            meaning="the app or a gem of its is not made for that Ruby",
        ),
        *signs(
            r"^mkmf\.rb can't find header files for ruby",
            r"^You have to install development tools first\.",
            meaning="a gem has to be compiled: system_packages: [ruby-dev, gcc, make]",
        ),
        *signs(
            r"^.*You cannot specify the same gem twice with different version requirements\.",
            r"^Bundler could not find compatible versions for gem .*",
            r"^Because .* depends on .*",
            r"^(?:ERROR:\s+)?Could not find (?:a valid )?gem .*",
            r"^\[!\] There was an error parsing .*",
        ),
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
