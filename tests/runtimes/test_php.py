"""PHP: versions, declarations and lines as 7.4, 8.2 and 8.4 print them."""

from __future__ import annotations

import pytest

from orchestrator.runtimes import families
from orchestrator.signs import known, meaning, quote, sign

FAMILY = families()["php"]
RELEASES = ("7.4", "8.2", "8.4")
OLDEST = """\
PHP 7.4.33 (cli) (built: Aug 11 2026 00:09:31) ( NTS )
Copyright (c) The PHP Group
Zend Engine v3.4.0, Copyright (c) Zend Technologies
    with Zend OPcache v7.4.33, Copyright (c), by Zend Technologies
"""
NEWEST = """\
PHP 8.4.28 (cli) (built: Nov 18 2026 10:55:31) (NTS)
Copyright (c) The PHP Group
Built by Debian
Zend Engine v4.4.28, Copyright (c) Zend Technologies
    with Zend OPcache v8.4.28, Copyright (c), by Zend Technologies
"""


@pytest.mark.parametrize(("output", "version"), [(OLDEST, "7.4.33"), (NEWEST, "8.4.28")])
def test_it_says_its_version_and_not_that_of_its_engine(output: str, version: str) -> None:
    assert FAMILY.observed(output) == (version,)


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        (".php-version", "8.2\n", ("8.2", 1)),
        (".php-version", "default\n", None),
        (".tool-versions", "ruby 2.7.4\nphp 7.4.33\n", ("7.4.33", 2)),
        (".tool-versions", "phpunit 9.5\n", None),
        ("composer.json", '{\n  "require": {\n    "php": "^7.4 || ^8.0"\n  }\n}', ("^7.4 || ^8.0", 3)),
        ("composer.json", '{"require": {"ext-json": "*"}}', None),
        ("composer.json", '{"require": {"php": 8}}', None),
        ("composer.json", '{"require": []}', None),
    ],
)
def test_files_say_which_php_they_mean(file: str, text: str, says: tuple[str, int] | None) -> None:
    assert FAMILY.declarations[file](text) == says


@pytest.mark.parametrize(
    ("wanted", "versions"),
    [
        ("7.4.33", "7.4"),
        ("8.2", "8.2"),
        (">=7.4", "7.4 8.2 8.4"),
        (">= 7.4.3", "7.4 8.2 8.4"),
        ("^7.4", "7.4"),
        ("^8.0", "8.2 8.4"),
        ("^8.3", "8.4"),
        ("^7.4 || ^8.3", "7.4 8.4"),
        ("^7.2|^8.0", "7.4 8.2 8.4"),
        ("~7.4", "7.4"),
        ("~8.2.5", "8.2"),
        ("~8", "8.2 8.4"),
        ("7.4.*", "7.4"),
        ("8.*", "8.2 8.4"),
        ("*", "7.4 8.2 8.4"),
        (">=7.4 <8.3", "7.4 8.2"),
        (">=7.4, <8.3", "7.4 8.2"),
        ("7.4 - 8.2", "7.4 8.2"),
        ("7.1 - 7.4.30", ""),
        ("!=8.2.*", "7.4 8.4"),
        ("> 8.2", "8.2 8.4"),
        ("<=8.2", "7.4"),
        ("dev-main", ""),
        ("", ""),
        ("||", ""),
    ],
)
def test_constraints_admit_releases(wanted: str, versions: str) -> None:
    assert [one for one in RELEASES if FAMILY.allows(wanted, one)] == versions.split()


EACH = """\

Fatal error: Uncaught Error: Call to undefined function each() in /apps/a/index.php:3
Stack trace:
#0 {main}
  thrown in /apps/a/index.php on line 3
"""
BRACES = """\

Fatal error: Array and string offset access syntax with curly braces is no longer supported in a.php on line 1
"""
COUNT = """\

Fatal error: Uncaught TypeError: count(): Argument #1 ($value) must be of type Countable|array, null given in a.php:1
Stack trace:
#0 {main}
  thrown in a.php on line 1
"""
DIVISION = "\nFatal error: Uncaught DivisionByZeroError: Division by zero in a.php:1\nStack trace:\n#0 {main}\n"
ENUM = "\nParse error: syntax error, unexpected 'S' (T_STRING) in /tmp/r.php on line 2\n"
LOGGED = 'PHP Parse error:  syntax error, unexpected token "{", expecting ";" in /tmp/r.php on line 2\n'
THROWN = (
    "\nFatal error: Uncaught RuntimeException: no in a.php:1\nStack trace:\n#0 {main}\n  thrown in a.php on line 1\n"
)
TAKEN = "[Wed Nov 25 02:45:36 2026] Failed to listen on 127.0.0.1:8099 (reason: Address already in use)\n"


@pytest.mark.parametrize(
    ("log", "telling", "means"),
    [
        (EACH, 1, "PHP 8.0"),
        (BRACES, 1, "PHP 8.0"),
        (COUNT, 1, "PHP 8.0"),
        (DIVISION, 1, "PHP 8.0"),
        (ENUM, 1, "grammar"),
        (LOGGED, 0, "grammar"),
        (THROWN, 1, ""),
        (TAKEN, 0, ""),
    ],
)
def test_the_telling_line_is_quoted_with_what_it_means(log: str, telling: int, means: str) -> None:
    lines = log.splitlines()
    assert quote(lines, [FAMILY]) == lines[telling]
    assert means in meaning(lines[telling], FAMILY)
    assert bool(means) == bool(meaning(lines[telling], FAMILY))
    assert sign(lines, [FAMILY]) is None


def test_what_the_web_server_logs_of_a_request_is_nobodys_last_word() -> None:
    logged = """\
[Wed Nov 25 02:46:25 2026] PHP 7.4.33 Development Server (http://127.0.0.1:8097) started
[Wed Nov 25 02:46:26 2026] 10.0.0.1:47516 [200]: GET /r.php - syntax error, unexpected 'S' (T_STRING) in r.php on line 2
[Wed Nov 25 02:46:26 2026] 10.0.0.1:47516 Closing
"""
    assert known(logged.splitlines(), [FAMILY]) == ""
