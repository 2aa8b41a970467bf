"""What the strings of a manifest mean; each function raises Wrong for one that means nothing."""

from __future__ import annotations

import re
import warnings
from math import prod
from posixpath import normpath

import regex

from orchestrator import matching
from orchestrator.manifest.nodes import Wrong, shown
from orchestrator.model import MIB

SECONDS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
LONGEST_WAIT = 3600.0
BYTES = {"": 1, "b": 1, "k": 1024, "m": MIB, "g": 1024 * MIB}
LEAST_MEMORY = 6 * MIB
"""What Docker demands."""
LONGEST_EXPRESSION = 500
LARGEST_EXPRESSION = 1_000_000
"""Its length times its counts of repetition, `{64}`: searching begins with writing them out."""
LONGEST_VALUE = 100_000
"""Bytes of one variable or word of a command; Linux takes 128 KiB."""
CAPS = "a manifest may lower the caps, never raise them; isolate up --limit memory=2G does"
KEPT = ("/proc", "/sys", "/dev", "/isolate", "/run/isolate")


def seconds(text: str) -> float:
    """Compose's durations: 1m30s is 90.0; at most an hour."""
    parts = re.findall(r"([0-9.]+)([a-z]+)", text)
    wait = sum(float(number) * SECONDS[unit] for number, unit in parts)
    if wait > LONGEST_WAIT:
        raise Wrong(f"{shown(text)} is longer than an hour")
    return wait


def positive_seconds(text: str) -> float:
    """The same, and more than nothing."""
    wait = seconds(text)
    if wait <= 0:
        raise Wrong(f"{shown(text)} is no time at all", "for example 1s")
    return wait


def nano_cpus(text: str) -> int:
    """Processors -> billionths of one, between 0.01 and the cap."""
    cpus = float(text)
    if not 0.01 <= cpus <= 1:
        raise Wrong(f"{shown(text)} is not between 0.01 and 1", CAPS)
    return round(cpus * 1e9)


def memory(text: str) -> int:
    """Compose's sizes in powers of 1024 -> bytes, between what Docker demands and the cap."""
    size = size_in_bytes(text)
    if not LEAST_MEMORY <= size <= 512 * MIB:
        raise Wrong(f"{shown(text)} is not between 6M and 512M", CAPS)
    return int(size)


def size_in_bytes(text: str) -> float:
    """256M or 2g -> bytes, in powers of 1024; ValueError for anything else."""
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)([bkmg]?)b?", text.lower())
    if not found:
        raise ValueError(text)
    return float(found[1]) * BYTES[found[2]]


def port(text: str) -> int:
    """1 to 65535."""
    if not 1 <= int(text) <= 65535:
        raise Wrong(f"{shown(text)} is not a port; ports go from 1 to 65535")
    return int(text)


def expression(text: str) -> str:
    """A regular expression that compiles."""
    if len(text) > LONGEST_EXPRESSION:
        raise Wrong(f"this regular expression is longer than {LONGEST_EXPRESSION} characters")
    if len(text) * prod(max(int(count), 1) for count in re.findall(r"\{([0-9]+)", text)) > LARGEST_EXPRESSION:
        raise Wrong(f"{shown(text)} repeats too much", "lower its counts of repetition")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(text)
            matching.compiled(text)
    except (re.error, regex.error, RecursionError, OverflowError) as error:
        raise Wrong(f"{shown(text)} is not a regular expression: {error}") from None
    return text


def value(text: str) -> str:
    """What a program can be given."""
    if len(text.encode()) > LONGEST_VALUE:
        raise Wrong(f"{shown(text)} is longer than {LONGEST_VALUE} bytes", "put it into a file of the app's")
    return text


def inside_box(text: str) -> str:
    """A path as it would be normalised, outside of what the box keeps for itself."""
    if normpath(text) != text or text.startswith("//"):
        raise Wrong(f"{shown(text)} is not in its simplest form", f"write {normpath('/' + text.lstrip('/'))}")
    owner = next((kept for kept in KEPT if f"{text}/".startswith(f"{kept}/")), None)
    if owner or text == "/":
        raise Wrong(f"{shown(text)} belongs to the box", "choose a folder of the app's own, for example /data")
    return text


def variable(text: str) -> str:
    """A name that isolate does not set."""
    if text == "PORT" or text.startswith("ISOLATE_"):
        raise Wrong(f"{text} is set by isolate", "PORT is the first of the app's `ports`; name yours differently")
    return text


def label(text: str) -> str:
    """A name outside of the spaces that isolate and Docker keep."""
    if text.startswith(("io.isolate.", "com.docker.", "io.docker.", "org.dockerproject.")):
        raise Wrong(f"{shown(text)} is a reserved label", "use a name of your own, for example com.example.team")
    return text


def app_name(text: str) -> str:
    """A name that means nothing else."""
    if text in {"isolate", "localhost"}:
        raise Wrong(f"{shown(text)} is a reserved name")
    if re.fullmatch("[0-9]+|0x[0-9a-f]+", text):
        raise Wrong(f"{shown(text)} is an address where a name is due", "begin it with a letter: app-1")
    return text


def image(text: str) -> str:
    """A reference that is not one of isolate's own."""
    repository = text.removeprefix("docker.io/").removeprefix("index.docker.io/")
    if repository.startswith("isolate/"):
        raise Wrong(f"{shown(text)} is one of isolate's own images", "leave `image` out to have it chosen")
    if repository.startswith("sha256:"):
        raise Wrong(f"{shown(text)} is an image of this machine, by its number", "name it as a registry does")
    return text
