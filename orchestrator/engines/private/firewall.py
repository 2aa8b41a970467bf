"""Two engines, one iptables: each dockerd empties the chains named DOCKER* when it starts, whoever filled them.

The private engine therefore sees iptables through a wrapper that puts a name of its own in their place.
"""

from __future__ import annotations

import re
import subprocess
from functools import partial
from ipaddress import IPv4Network

from orchestrator.engines.private.layout import Layout, environment, program

TABLE = re.compile(r"^\*(\w+)\n(.*?)^COMMIT$", re.DOTALL | re.MULTILINE)
WRAPPER = """\
#!/bin/sh
for argument do
  shift
  case $argument in DOCKER*) argument={chain}${{argument#DOCKER}} ;; esac
  set -- "$@" "$argument"
done
exec {iptables} "$@"
"""


def write_wrapper(layout: Layout) -> None:
    """Puts `iptables` into `layout.wrappers`, which has to come first in the engine's PATH."""
    layout.wrappers.mkdir(exist_ok=True)
    file = layout.wrappers / "iptables"
    file.write_text(WRAPPER.format(chain=layout.link, iptables=program(layout, "iptables")))
    file.chmod(0o755)


def remove_rules(layout: Layout, links: list[str], block: IPv4Network | None) -> None:
    """Takes the engine's chains away, and every rule about its bridges and addresses; the rest is not touched."""
    run = partial(subprocess.run, env=environment(layout), capture_output=True, text=True, check=False)
    saved = run(["iptables-save"]).stdout
    run(["iptables-restore", "--noflush", "--wait"], input=removal(saved, layout.link, links, block))


def removal(saved: str, chain: str, links: list[str], block: IPv4Network | None) -> str:
    """The output of iptables-save -> input for `iptables-restore --noflush`.

    It deletes the chains whose names begin with `chain`, and the rules that name one of these, one of `links`, or an
    address in `block`.
    """
    tables = {name: _changes(lines.splitlines(), chain, links, block) for name, lines in TABLE.findall(saved)}
    return "".join("\n".join([f"*{name}", *changes, "COMMIT\n"]) for name, changes in tables.items() if changes)


def _changes(lines: list[str], chain: str, links: list[str], block: IPv4Network | None) -> list[str]:
    chains = [line[1:].split()[0] for line in lines if line.startswith(f":{chain}")]
    names = {*chains, *links}
    rules = [line for line in lines if line.startswith("-A ") and any(_ours(w, names, block) for w in line.split())]
    deleted = [f"-D {rule[3:]}" for rule in rules if rule.split()[1] not in chains]
    return deleted + [f"-F {name}" for name in chains] + [f"-X {name}" for name in chains]


def _ours(word: str, names: set[str], block: IPv4Network | None) -> bool:
    try:
        return word in names or (block is not None and IPv4Network(word).subnet_of(block))
    except ValueError:
        return False
