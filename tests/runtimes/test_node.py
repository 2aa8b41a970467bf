"""What Node's family says about versions, and which line of a real log it quotes."""

from __future__ import annotations

import pytest

from orchestrator.runtimes.node import FAMILY, allows, engines, nvmrc, observed, tool_versions
from orchestrator.signs import meaning, quote, sign

RELEASES = ("12", "16", "22")


@pytest.mark.parametrize(
    ("wanted", "releases"),
    [
        ("*", "12 16 22"),
        ("", "12 16 22"),
        ("x", "12 16 22"),
        ("12", "12"),
        ("v12.22.12", "12"),
        ("=16.1", "16"),
        ("12.x", "12"),
        ("12.X.x", "12"),
        ("^12.20 || >=16", "12 16 22"),
        ("^16.14.0", "16"),
        ("~12.22", "12"),
        (">=12", "12 16 22"),
        (">=12.5", "12 16 22"),
        (">= 18", "22"),
        (">12", "16 22"),
        (">12.4", "12 16 22"),
        ("<16", "12"),
        ("<16.4", "12"),
        ("<=16", "12 16"),
        (">=12 <17", "12 16"),
        ("12 - 16", "12 16"),
        ("14.0.0 - 16", "16"),
        ("lts/*", ""),
        ("latest", ""),
        (">=", ""),
        (">=14 latest", ""),
    ],
)
def test_ranges_of_node_admit_releases(wanted: str, releases: str) -> None:
    assert [one for one in RELEASES if allows(wanted, one)] == releases.split()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("v12.22.12\n", ("12.22.12", 1)),
        ("22\n", ("22", 1)),
        ("\n 16.20\n", ("16.20", 2)),
        ("lts/*\n", None),
        ("node\n", None),
        ("# 12\n", None),
        ("", None),
    ],
)
def test_an_nvmrc_pins_a_number_or_nothing(text: str, said: tuple[str, int] | None) -> None:
    assert nvmrc(text) == said


def test_tool_versions_pins_the_first_of_its_line() -> None:
    assert tool_versions("python 3.12.1\nnodejs 12.22.12 22 # old\n") == ("12.22.12", 2)
    assert tool_versions("# nodejs 12\nnodejs-extra 1\n") is None


def test_a_package_states_its_engines() -> None:
    text = '{\n  "name": "node",\n  "engines": {\n    "npm": ">=6",\n    "node": ">=12 <17"\n  }\n}\n'
    assert engines(text) == (">=12 <17", 5)
    assert engines('{"engines": {"node": "^16"}}') == ("^16", 1)


@pytest.mark.parametrize(
    "text",
    ['{"engines": {"npm": "6"}}', '{"engines": {"node": 12}}', '{"engines": ["node >= 0.8"]}', "[" * 9000, "no"],
)
def test_a_package_that_states_no_engine_states_none(text: str) -> None:
    assert engines(text) is None


@pytest.mark.parametrize(
    ("output", "versions"),
    [
        ("v12.22.12\n", ("12.22.12",)),
        ("v12.22.12\nv22.22.0\n", ("12.22.12", "22.22.0")),
        ("v23.0.0-nightly20240101\n", ("23.0.0-nightly20240101",)),
        ("node v12.22.12\n", ()),
        ("12.22.12\n", ()),
    ],
)
def test_node_says_its_version(output: str, versions: tuple[str, ...]) -> None:
    assert observed(output) == versions


ADDON = """\
internal/modules/cjs/loader.js:1057
  return process.dlopen(module, path.toNamespacedPath(filename));
                 ^

Error: The module '/apps/stamp/seal.node'
was compiled against a different Node.js version using
NODE_MODULE_VERSION 127. This version of Node.js requires
NODE_MODULE_VERSION 72. Please try re-compiling or re-installing
the module (for instance, using `npm rebuild` or `npm install`).
    at Object.Module._extensions..node (internal/modules/cjs/loader.js:1057:18)
    at Module.load (internal/modules/cjs/loader.js:863:32)
"""
MD4 = """\
node:internal/crypto/hash:101
  this[kHandle] = new _Hash(algorithm, xofLen, algorithmId, getHashCache());
                  ^

Error: error:0308010C:digital envelope routines::unsupported
    at new Hash (node:internal/crypto/hash:101:19)
    at Object.createHash (node:crypto:139:10)
    at module.exports (/apps/bundle/node_modules/webpack/lib/util/createHash.js:135:53)
  opensslErrorStack: [
    'error:03000086:digital envelope routines::initialization error',
    'error:0308010C:digital envelope routines::unsupported'
  ],
  library: 'digital envelope routines',
  reason: 'unsupported',
  code: 'ERR_OSSL_EVP_UNSUPPORTED'
}

Node.js v22.22.0
"""
SYNTAX = """\
/apps/desk/node_modules/body-parser/lib/types/json.js:72
  const reviver = options?.reviver
                          ^

SyntaxError: Unexpected token '.'
    at wrapSafe (internal/modules/cjs/loader.js:915:16)
    at Module._compile (internal/modules/cjs/loader.js:963:27)
"""


@pytest.mark.parametrize(
    ("log", "line", "means"),
    [
        (
            ADDON,
            (
                "was compiled against a different Node.js version using NODE_MODULE_VERSION 127. "
                "This version of Node.js requires NODE_MODULE_VERSION 72"
            ),
            "speaks the ABI of one release",
        ),
        (MD4, "Error: error:0308010C:digital envelope routines::unsupported", "OpenSSL 3 inside Node 17"),
        (SYNTAX, "SyntaxError: Unexpected token '.'", "does not have what the source says"),
    ],
)
def test_the_telling_line_of_node_is_quoted_and_explained(log: str, line: str, means: str) -> None:
    assert quote(log.splitlines(), [FAMILY]) == line
    assert means in meaning(line, FAMILY)
    assert sign(log.splitlines(), [FAMILY]) is None
