"""Which runtime an official image holds, by its name."""

from __future__ import annotations

import re

HUB = re.compile(r"(?:(?:(?:index\.)?docker\.io|public\.ecr\.aws/docker)/)?(?:library/)?")
REPOSITORIES = {
    "python": "python",
    "node": "node",
    "ruby": "ruby",
    "php": "php",
    "debian": "debian",
    "openjdk": "java",
    "eclipse-temurin": "java",
    "amazoncorretto": "java",
    "maven": "java",
    "gradle": "java",
    **{
        f"mcr.microsoft.com/dotnet/{core}{kind}": "dotnet"
        for core in ("", "core/")
        for kind in ("sdk", "aspnet", "runtime", "runtime-deps")
    },
}
TOOLS = ("maven", "gradle")
"""Their tags begin with a version of their own; that of Java follows."""
RELEASES = {"11": "bullseye", "12": "bookworm", "13": "trixie"}


def runtime(reference: str) -> tuple[str, str] | None:
    """`python:3.8-slim` -> python and 3.8, `node:lts` -> node and nothing; None for an image of no family."""
    repository, _, tag = reference.partition("@")[0].partition(":")
    repository = HUB.sub("", repository, count=1)
    family = REPOSITORIES.get(repository)
    if family is None:
        return None
    if family == "debian":
        release = tag.split("-")[0]
        return family, RELEASES.get(release.split(".")[0], "" if release in {"latest", "stable"} else release)
    pattern = r"(?:jdk|temurin|openjdk|corretto)-?(\d+)" if repository in TOOLS else r"v?(\d{1,9}(?:\.\d{1,9})*)"
    found = re.search(pattern, tag) if repository in TOOLS else re.match(pattern, tag)
    return family, found[1] if found else ""
