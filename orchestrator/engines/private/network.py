"""The engine's addresses: one free /16, a bridge in its first /24, user networks in its upper half."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from ipaddress import IPv4Network
from typing import Any

from orchestrator.engines.private.layout import Layout, environment
from orchestrator.errors import Unavailable

BLOCKS = tuple(IPv4Network(f"10.{number}.0.0/16") for number in range(200, 250)) + tuple(
    IPv4Network(f"172.{number}.0.0/16") for number in range(31, 17, -1)
)
"""Candidates. Docker's own pools are 172.17 to 172.31 and 192.168, so those come last."""


def free_block(identity: str, previous: IPv4Network | None, taken: list[IPv4Network]) -> IPv4Network:
    """A /16 that overlaps nothing in `taken`: the `previous` one if it can be, else one that `identity` chooses."""
    start = int(identity, 16) % 50
    for block in ((previous,) if previous else ()) + BLOCKS[start:50] + BLOCKS[:start] + BLOCKS[50:]:
        if not any(block.overlaps(other) for other in taken):
            return block
    hint = "ip route: every private network is in use; take one away"
    raise Unavailable("no free network for the engine's containers", hint=hint)


def pool(block: IPv4Network) -> IPv4Network:
    """The part of the block that user networks are cut from, 128 of them."""
    return list(block.subnets(prefixlen_diff=1))[1]


def last_block(layout: Layout) -> IPv4Network | None:
    """The /16 that the engine was last started with."""
    with suppress(OSError, ValueError, LookupError):
        return IPv4Network(json.loads(layout.config.read_text())["default-address-pools"][0]["base"]).supernet()
    return None


def taken(layout: Layout) -> list[IPv4Network]:
    """Every network that the machine has an address in or a route to, but for the default route."""
    routes = _ip(layout, "-4", "route", "show", "table", "all")
    return [IPv4Network(route["dst"]) for route in routes if route["dst"] != "default"]


def add_bridge(layout: Layout, block: IPv4Network) -> None:
    """Makes the bridge before the engine starts: it then leaves `docker0`, another engine's, alone.

    Its hardware address is set: a bridge that chose one would take another whenever a container comes or goes, and the
    others would lose their gateway until they ask for it anew.
    """
    subnet = next(block.subnets(new_prefix=24))
    _ip(layout, "link", "add", layout.link, "address", f"02:00:{layout.hardware}", "type", "bridge")
    _ip(layout, "addr", "add", f"{subnet[1]}/24", "dev", layout.link)
    _ip(layout, "link", "set", layout.link, "up")


def bridges(layout: Layout, block: IPv4Network | None) -> Iterator[str]:
    """Names of the engine's bridges: the one of its name, and those of user networks, known by their addresses."""
    for link in _ip(layout, "-4", "addr", "show", "type", "bridge"):
        inside = block and any(IPv4Network(address["local"]).subnet_of(block) for address in link.get("addr_info", ()))
        if link.get("ifname") == layout.link or inside:
            yield link["ifname"]


def remove_link(layout: Layout, name: str) -> None:
    """Takes a bridge away; its ends in containers go with it."""
    _ip(layout, "link", "delete", name)


def _ip(layout: Layout, *arguments: str) -> list[dict[str, Any]]:
    command = ["ip", "-json", *arguments]
    done = subprocess.run(command, env=environment(layout), capture_output=True, text=True, check=False)
    if done.returncode:
        hint = "isolate engine stop, then start again"
        raise Unavailable(f"`{' '.join(command)}` failed: {done.stderr.strip()}", hint=hint)
    return json.loads(done.stdout) if done.stdout.strip() else []
