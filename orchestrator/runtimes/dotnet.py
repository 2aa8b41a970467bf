""".NET Core and its shared frameworks."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from orchestrator.family import NEVER, Declared, Family, declared, meet, signs, uncommented


def observed(output: str) -> tuple[str, ...]:
    """`Microsoft.NETCore.App 2.2.2 [/usr/share/dotnet/...]` -> 2.2.2, one for each that is installed."""
    return tuple(re.findall(r"^Microsoft\.NETCore\.App (\S+)", output, re.MULTILINE))


def environment(port: int | None) -> Mapping[str, str]:
    """Kestrel listens where this variable says; diagnostics want a root that can be written to."""
    quiet = {"COMPlus_EnableDiagnostics": "0"}
    return quiet if port is None else {**quiet, "ASPNETCORE_URLS": f"http://+:{port}"}


def target_framework(text: str) -> Declared | None:
    """`*.csproj`: netcoreapp2.2 -> 2.2; several targets are parted by semicolons."""
    bare = uncommented(text)
    found = re.search(r"<TargetFrameworks?>([^<]*)<", bare)
    if not found:
        return None
    targets = re.findall(r"(?:netcoreapp|net)(\d+\.\d+)(?=\s*(?:;|$|-))", found[1])
    return (";".join(targets), bare.count("\n", 0, found.start()) + 1) if targets else None


def global_json(text: str) -> Declared | None:
    """`global.json`: the version of the SDK, which carries the runtime's release in front."""
    try:
        wanted = json.loads(text)["sdk"]["version"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    place = text.find('"version"')
    return (wanted, text.count("\n", 0, place) + 1) if isinstance(wanted, str) else None


def tool_versions(text: str) -> Declared | None:
    """`.tool-versions`: the first version of the line `dotnet 3.1.102` or `dotnet-core 3.1.102`."""
    return declared(r"^[ \t]*dotnet(?:-core)?[ \t]+([^\s#]+)", text)


def allows(wanted: str, version: str) -> bool:
    """Whether one of the wanted versions (2.2, 2.2.104, 2.2;3.1) is of the release `version`."""
    return any(meet(version, one) for one in wanted.split(";"))


FAMILY = Family(
    name="dotnet",
    version_command=("dotnet", "--list-runtimes"),
    observed=observed,
    environment=environment,
    package=NEVER,
    package_hint="packages of .NET belong into the .csproj, as a PackageReference",
    declarations={"*.csproj": target_framework, "global.json": global_json, ".tool-versions": tool_versions},
    claims=("*.csproj",),
    allows=allows,
    roll_forward=({"DOTNET_ROLL_FORWARD": "Major"},),
    signatures=(
        *signs(
            r"error\s*: Unable to load the service index for source ",
            r"No space left on device",
            infrastructure=True,
        ),
        *signs(
            r"^The (?:specified )?framework '[^']+', version '[^']+' was not found",
            meaning="its host does not roll forward across a major version, nor back",
        ),
        *signs(
            r"No usable version of (?:the )?libssl was found",
            meaning="2.2 speaks OpenSSL 1.0 and 3.1 speaks 1.1 or 1.0, and the OS has another",
        ),
        *signs(
            r"A compatible (?:installed .NET Core )?SDK (?:version )?for global\.json version",
            r"Cannot get required symbol \w+ from libssl",
            r"Couldn't find a valid ICU package installed on the system\.",
            r"Failed to (?:initialize|create) CoreCLR",
            r"The required library libhostfxr\.so could not be found",
            r"\berror (?:NETSDK|CS|NU|MSB)\d+: ",
            r"address already in use",
            r"^Unhandled [Ee]xception[.:] ",
            r"System\.[\w.]*Exception: ",
        ),
    ),
)
