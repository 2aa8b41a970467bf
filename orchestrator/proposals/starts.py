"""How apps of each family are usually started, from the files that are there."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from orchestrator.family import uncommented
from orchestrator.proposals.shell import words
from orchestrator.proposals.tree import Place, Tree, matching
from orchestrator.proposals.values import Start

SERVES = re.compile(
    r"\bPORT\b|\bserve_forever\b|\blisten\(|\bHTTPServer\b|\bHttpServer\b|\bTCPServer\b|\bapp\.run\(|\buvicorn\.run\("
    r"|\bSinatra\b|\bWEBrick\b|\bServerSocket\b|\bHttpListener\b|\bWebApplication\b|\bWebHost\w*\b"
)
"""In a source that is started: it listens."""
PROCFILE = re.compile(r"^([A-Za-z0-9_-]+):[ \t]*(\S[^\n]*)$", re.MULTILINE)
MAIN = re.compile(r"\bstatic\s+(?:final\s+)?void\s+main\s*\(")


def procfile(place: Place) -> Start | None:
    """`Procfile`: its `web`, else its first line."""
    text = place.texts.get("Procfile", "")
    found = sorted(PROCFILE.finditer(text), key=lambda one: (one[1] != "web", one.start()))
    if not found:
        return None
    line = text.count("\n", 0, found[0].start()) + 1
    return Start(words(found[0][2]), f"{place.shown('Procfile')}:{line}", serves=found[0][1] == "web")


def guess(family: str, tree: Tree, place: Place) -> Start | None:
    """The start that the family's files suggest, or None."""
    by_family: Mapping[str, Callable[[Tree, Place], Start | None]] = {
        "python": _python,
        "node": _node,
        "ruby": _ruby,
        "php": _php,
        "dotnet": _dotnet,
        "java": _java,
    }
    return by_family[family](tree, place) if family in by_family else None


def _first(place: Place, program: str, *names: str) -> Start | None:
    """The first of these files that is there, run by a program."""
    name = next((one for one in names if one in place.names), None)
    if name is None:
        return None
    serves = SERVES.search(place.texts.get(name, "")) is not None
    return Start((program, name), place.shown(name), serves=serves, file=place.shown(name))


def _python(_: Tree, place: Place) -> Start | None:
    if "manage.py" in place.names:
        command = ("sh", "-c", 'exec python manage.py runserver --noreload 0.0.0.0:"$PORT"')
        return Start(command, place.shown("manage.py"), serves=True)
    for name, text in matching(place, "app.py", "wsgi.py", "main.py"):
        module = name.removesuffix(".py")
        if re.search(r"\bFlask\(", text) and not re.search(r"\.run\(|serve", text):
            line = f'exec python -m flask --app {module} run --host 0.0.0.0 --port "$PORT"'
            return Start(("sh", "-c", line), place.shown(name), serves=True, file=place.shown(name))
        if (found := re.search(r"^(\w{1,80}) *= *FastAPI\(", text, re.MULTILINE)) and "uvicorn.run(" not in text:
            line = f'exec python -m uvicorn {module}:{found[1]} --host 0.0.0.0 --port "$PORT"'
            return Start(("sh", "-c", line), place.shown(name), serves=True, file=place.shown(name))
    return _first(place, "python", "app.py", "main.py", "server.py", "run.py", "__main__.py")


def _node(tree: Tree, place: Place) -> Start | None:
    text = place.texts.get("package.json", "")
    package = _object(text)
    scripts = package.get("scripts")
    script = scripts.get("start") if isinstance(scripts, dict) else None
    if isinstance(script, str) and script.strip():
        simple = words(script)
        at = text.find('"start"', max(text.find('"scripts"'), 0))
        source = f"{place.shown('package.json')}:{text.count(chr(10), 0, max(at, 0)) + 1}"
        command = simple if simple[0] == "node" else ("npm", "start")
        listens = simple[0] != "node" or _serves(tree, place, simple[-1])
        return Start(command, source, serves=listens, file=_shown(place, simple[-1]))
    main = package.get("main")
    if isinstance(main, str) and tree.holds(place.path, main):
        listens = _serves(tree, place, main)
        return Start(("node", main), place.shown("package.json"), serves=listens, file=_shown(place, main))
    return _first(place, "node", "server.js", "app.js", "index.js", "main.js")


def _ruby(_: Tree, place: Place) -> Start | None:
    if "config.ru" in place.names:
        bundle = "bundle exec " if "Gemfile" in place.names else ""
        line = f'exec {bundle}rackup --host 0.0.0.0 --port "$PORT"'
        return Start(("sh", "-c", line), place.shown("config.ru"), serves=True)
    return _first(place, "ruby", "app.rb", "server.rb", "main.rb")


def _php(tree: Tree, place: Place) -> Start | None:
    for name, option in (("index.php", ""), ("public/index.php", " -t public")):
        if tree.holds(place.path, name):
            return Start(("sh", "-c", f'exec php -S 0.0.0.0:"$PORT"{option}'), place.shown(name), serves=True)
    return _first(place, "php", "server.php", "app.php", "main.php")


def _dotnet(_: Tree, place: Place) -> Start | None:
    """What `dotnet publish` makes of a project that is a program."""
    for name, text in matching(place, "*.csproj"):
        bare = uncommented(text)
        web = "Microsoft.NET.Sdk.Web" in bare
        if web or (re.search(r"<OutputType>\s*Exe", bare, re.IGNORECASE) and "Microsoft.NET.Test.Sdk" not in bare):
            named = re.search(r"<AssemblyName>([^<$]{1,200})</", bare)
            assembly = named[1].strip() if named else name.removesuffix(".csproj")
            listens = web or any(SERVES.search(source) for _, source in matching(place, "*.cs"))
            return Start(("dotnet", f"{assembly}.dll"), place.shown(name), serves=listens)
    return None


def _java(tree: Tree, place: Place) -> Start | None:
    """The one class with a `main`; which of several is meant only a person knows, or the pom.xml."""
    mains = list(_mains(tree, place))
    wished = re.search(
        r"<(?:mainClass|start-class)>\s*([\w.$]{1,200})\s*<", uncommented(place.texts.get("pom.xml", ""))
    )
    if wished:
        mains = [one for one in mains if one[0] == wished[1]]
    if len(mains) != 1:
        return None
    name, file, text = mains[0]
    return Start(("java", name), file, serves=SERVES.search(text) is not None, file=file)


def _mains(tree: Tree, place: Place) -> Iterator[tuple[str, str, str]]:
    """(class, file, text)."""
    for folder in tree.inside(place.path):
        for name, text in matching(folder, "*.java"):
            if MAIN.search(text) and "/test/" not in f"/{folder.path}/":
                package = re.search(r"^[ \t]*package\s+([\w.]{1,300})[ \t]*;", text, re.MULTILINE)
                simple = name.removesuffix(".java")
                yield f"{package[1]}.{simple}" if package else simple, folder.shown(name), text


def _shown(place: Place, file: str) -> str:
    """A file that the folder's own files name."""
    return place.shown(file.removeprefix("./"))


def _serves(tree: Tree, place: Place, file: str) -> bool:
    """Whether a file of the app listens."""
    return SERVES.search(tree.text(place.path, file)) is not None


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
