"""The strings a manifest is made of, and what each may look like."""

from __future__ import annotations

from orchestrator import labels
from orchestrator.manifest import meanings
from orchestrator.manifest.shapes import Text

HOST = r"localhost|[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+(:[0-9]{1,5})?|[A-Za-z0-9-]{1,63}:[0-9]{1,5}"
COMPONENT = r"[a-z0-9]+((\.|__?|-+)[a-z0-9]+)*"
TAG = ":[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
DIGEST = "@sha256:[0-9a-f]{64}"
"""The parts of a reference, as registries and engines read them."""

ANY = Text()
PROSE = Text(lines=True)
VALUE = Text(lines=True, convert=meanings.value)
FOLDER = Text(example="./invoice")
NAME = Text(
    says="a name: small letters, digits and dashes, at most 41",
    pattern="[a-z0-9][a-z0-9-]{0,40}",
    example="invoice-2",
)
PROJECT = Text(
    says="a name: small letters, digits, dashes and dots, at most 41",
    pattern=labels.NAME,
    example="dotnet-2.2-vs-3.1",
)
APP_NAME = Text(
    says="a name: small letters, digits and dashes, at most 41, none of the dashes last",
    pattern="[a-z0-9]([a-z0-9-]{0,39}[a-z0-9])?",
    example=NAME.example,
    convert=meanings.app_name,
)
VERSION = Text(says="a version", pattern="[0-9a-z][0-9A-Za-z._+-]{0,40}", example='"3.10"')
FAMILY = Text(says="a runtime family", pattern="[a-z][a-z0-9-]{0,40}", example="python")
RUNTIME = Text(
    says="a runtime of the form family@version",
    pattern=f"{FAMILY.pattern}@{VERSION.pattern}",
    example="python@3.12",
)
CANDIDATE = Text(says="a version", pattern=f"({FAMILY.pattern}@)?{VERSION.pattern}", example='"3.12" or python@3.12')
IMAGE = Text(
    says="an image reference with a tag or a digest",
    pattern=f"(({HOST})/)?{COMPONENT}(/{COMPONENT})*({TAG}({DIGEST})?|{DIGEST})",
    example="python:3.12-slim-bookworm or registry.example.com/python@sha256:<64 digits>",
    convert=meanings.image,
)
VARIABLE = Text(
    says="the name of a variable", pattern="[A-Za-z_][A-Za-z0-9_]*", example="CULTURE", convert=meanings.variable
)
LABEL = Text(
    says="the name of a label",
    pattern="[A-Za-z0-9][A-Za-z0-9._/-]*",
    example="com.example.team",
    convert=meanings.label,
)
PORT = Text(
    says='a container port alone, such as "8080"',
    pattern="[0-9]{1,5}",
    example='"8080"; the engine chooses the host port, on 127.0.0.1',
    convert=meanings.port,
)
DURATION = Text(
    says="a duration",
    pattern=r"([0-9]{1,9}(\.[0-9]{1,9})?(us|ms|s|m|h))+",
    example="1s, 500ms or 1m30s",
    convert=meanings.positive_seconds,
)
DELAY = Text(says=DURATION.says, pattern=DURATION.pattern, example=DURATION.example, convert=meanings.seconds)
CPUS = Text(
    says="a number of processors", pattern=r"[0-9]{1,9}(\.[0-9]{1,9})?", example='"0.5"', convert=meanings.nano_cpus
)
MEMORY = Text(
    says="an amount of memory",
    pattern=r"[0-9]{1,30}(\.[0-9]{1,9})?([bB]|[kKmMgG][bB]?)?",
    example="256M",
    convert=meanings.memory,
)
SYSTEM_PACKAGE = Text(says="the name of a Debian package", pattern=r"[a-z0-9][a-z0-9+.-]*[a-z0-9+]", example="libpq5")
BOX_PATH = Text(
    says="an absolute path in the box",
    pattern=r"/([A-Za-z0-9._@+-]+(/[A-Za-z0-9._@+-]+)*)?",
    example="/data",
    convert=meanings.inside_box,
)
URL_PATH = Text(says="a path to ask for", pattern=r"/[!-~]*", example="/total")
METHOD = Text(says="a method of HTTP", pattern="[A-Z]{1,20}", example="GET")
EXPRESSION = Text(convert=meanings.expression, lines=True)
