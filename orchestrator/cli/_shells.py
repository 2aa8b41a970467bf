"""What the shells are told to complete an argument with: functions that ask `isolate completion --names`."""

from __future__ import annotations

import argparse
import shlex
import sys
from typing import Any

import shtab

MANIFESTS = shtab.glob("*.yaml", "*.yml")
Complete = dict[str, Any]
FUNCTIONS = {
    "bash": """
_isolate_names() {
  local name
  while IFS= read -r name; do
    [[ $name != "$2"* ]] || printf '%s\\n' "$name"
  done < <(ISOLATE "$1" -- "${COMP_WORDS[@]:0:COMP_CWORD}" 2>/dev/null </dev/null)
}
""",
    "zsh": """
_isolate_names() {
  local -a names=(${(f)"$(ISOLATE $1 -- "${(@Q)words[1,CURRENT-1]}" 2>/dev/null </dev/null)"})
  compadd -a names
}
""",
    "fish": """
function _isolate_names
  ISOLATE $argv[1] -- (commandline -opc) 2>/dev/null </dev/null
end
""",
}


def completer(action: argparse.Action) -> Complete | None:
    """For an argument by its name; None for an option that takes no name and no path."""
    match action.dest:
        case "manifests":
            return MANIFESTS
        case "projects" | "project_or_manifest":
            return _names("targets", MANIFESTS)
        case "words" if "MANIFEST" in str(action.metavar):
            return _names("apps", MANIFESTS)
        case "words":
            return _names("targets", MANIFESTS)
        case "app":
            return _names("apps")
        case "shared":
            return _names("entries")
        case "run_or_project":
            return _names("runs", shtab.DIRECTORY)
        case "output" | "folder":
            return shtab.DIRECTORY
        case _:
            return shtab.FILE if action.metavar == "FILE" else None


def _names(kind: str, files: Complete | None = None) -> Complete:
    """Names of that kind, and files where they may stand there as well."""
    also = files or {}
    calls = {
        "bash": f"""
_isolate_KIND() {{
  _isolate_names {kind} "$1"
  {also.get("bash", ":")} "$1"
}}
""",
        "zsh": f"""
_isolate_KIND() {{
  _isolate_names {kind}
  {also.get("zsh", ":")}
}}
""",
        "fish": f"""
function _isolate_KIND
  _isolate_names {kind}
  {also.get("fish", "()").strip("()")}
end
""",
    }
    name = f"_isolate_{kind}{'_and_files' if files else ''}"
    before = also.get("preamble", {})
    preamble = {
        shell: before.get(shell, "")
        + FUNCTIONS[shell].replace("ISOLATE", _isolate())
        + call.replace("_isolate_KIND", name)
        for shell, call in calls.items()
    }
    return {"bash": name, "zsh": name, "fish": f"({name})", "preamble": preamble}


def _isolate() -> str:
    """The isolate that wrote the script: neither the word at the prompt is run, nor what lies in the folder there."""
    return f"{shlex.quote(sys.executable)} -P -m orchestrator completion --names"
