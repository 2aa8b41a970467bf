"""PHP: versions, declarations and lines as 7.4, 8.2 and 8.4 print them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from orchestrator.errors import UsageError
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
TOO_OLD = """\
Your requirements could not be resolved to an installable set of packages.

  Problem 1
    - Root composer.json requires us/newest * -> satisfiable by us/newest[1.0.0].
    - us/newest 1.0.0 requires php ^8.1 -> your php version (7.4.33) does not satisfy that requirement.
"""
TOO_OLD_ROOT = """\
  Problem 1
    - Root composer.json requires php ^9.0 but your php version (8.4.28) does not satisfy that requirement.
"""
PLATFORM = """\

Fatal error: Composer detected issues in your platform: Your Composer dependencies require a PHP version ">= 8.1.0". \
You are running 7.4.33. in /apps/a/vendor/composer/platform_check.php on line 24
"""
NO_EXTENSION = """\
    - Root composer.json requires us/ext * -> satisfiable by us/ext[1.0.0].
    - us/ext 1.0.0 requires ext-intl * -> it is missing from your system. Install or enable PHP's intl extension.

To enable extensions, verify that they are enabled in your .ini files:
    - /etc/php/7.4/cli/conf.d/10-opcache.ini
"""
HIDDEN = """\
    - Root composer.json requires PHP extension ext-intl * but the ext-intl package is disabled by your platform \
config. Enable it again with "composer config platform.ext-intl --unset".
"""
NO_PACKAGE = """\
    - Root composer.json requires us/nosuch, it could not be found in any version, there may be a typo in the package \
name.

Potential causes:
 - A typo in the package name
"""
NO_VERSION = """\
    - Root composer.json requires us/fruit ^3.0, found us/fruit[1.0.0, 2.0.0] but it does not match the constraint.

Running update with --no-dev does not mean require-dev is ignored, it just means the packages will not be installed.
"""
NOT_REQUIRED = """\

In PackageDiscoveryTrait.php line 383:

  Could not find a matching version of package us/nosuch. Check the package spelling, your version constraint and that \
the package is available in a stability which matches your minimum-stability (stable).

require [--dev] [--dry-run] [--prefer-source] [--prefer-dist]
"""
CLASH = """\
    - Root composer.json requires us/one * -> satisfiable by us/one[1.0.0].
    - us/one 1.0.0 requires us/fruit ^1.0 -> found us/fruit[1.0.0] but it conflicts with your root composer.json \
require (^2.0).
"""
GONE = """\

In CurlDownloader.php line 660:

  The "http://127.0.0.1:8099/gone.zip" file could not be downloaded (HTTP/1.0 404 File not found)

install [--prefer-source] [--prefer-dist]
"""
BROKEN = """\

In JsonFile.php line 381:

  "./composer.json" does not contain valid JSON
  Parse error on line 1:
"""
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
        (TOO_OLD, 4, "that PHP"),
        (TOO_OLD_ROOT, 1, "that PHP"),
        (PLATFORM, 1, "that PHP"),
        (NO_EXTENSION, 1, "extension"),
        (HIDDEN, 0, "extension"),
        (NO_PACKAGE, 0, ""),
        (NO_VERSION, 0, ""),
        (NOT_REQUIRED, 3, ""),
        (CLASH, 1, ""),
        (GONE, 3, ""),
        (BROKEN, 3, ""),
    ],
)
def test_the_telling_line_is_quoted_with_what_it_means(log: str, telling: int, means: str) -> None:
    lines = log.splitlines()
    assert quote(lines, [FAMILY]) == lines[telling].strip()
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


@pytest.mark.parametrize(
    "entry",
    ["monolog/monolog", "monolog/monolog:^2.0", "a/b-c:1.2.*", "a/b.c_d:>=2", "a/b:*", "a/b:!=1.0", "a/b:2.0-RC1"],
)
def test_a_package_is_a_name_and_one_constraint(entry: str) -> None:
    assert FAMILY.package.fullmatch(entry)


@pytest.mark.parametrize(
    "entry",
    ["monolog", "ext-json:*", "a/b:", "a/b:dev-main", "a/b:^1@dev", "a/b ^1", "a/b:^1 || ^2", "A/B", "a/../b", "/a"],
)
def test_a_package_is_nothing_else(entry: str) -> None:
    assert not FAMILY.package.fullmatch(entry)


@dataclass
class Desk:
    """A machine with these files and variables."""

    files: dict[str, str]
    environ: dict[str, str] = field(default_factory=dict)
    home: Path = Path("/home/me")

    def text(self, path: Path) -> str | None:
        return self.files.get(str(path))


def test_repositories_of_the_user_are_known_to_builds() -> None:
    told = {"repositories": {"packagist.org": False, "ours": {"type": "composer", "url": "https://php.test"}}}
    config = {**told, "config": {"cache-dir": "/x", "secure-http": False}}
    made = FAMILY.settings(Desk({"/home/me/.config/composer/config.json": json.dumps(config)}))
    assert json.loads(made["composer-config.json"].content) == {**told, "config": {"secure-http": False}}
    assert not made["composer-config.json"].secret
    assert list(made) == ["composer-config.json"]


def test_credentials_of_composer_are_secrets_wherever_they_stand() -> None:
    config = {"config": {"http-basic": {"a.test": {"username": "me", "password": "old"}}}}
    auth = {"gitlab-token": {"b.test": "word"}}
    desk = Desk(
        {"/c/config.json": json.dumps(config), "/c/auth.json": json.dumps(auth)},
        {"COMPOSER_HOME": "/c", "COMPOSER_AUTH": json.dumps({"http-basic": {"a.test": {}}})},
    )
    made = FAMILY.settings(desk)
    assert list(made) == ["composer-auth.json"]
    assert made["composer-auth.json"].secret
    assert json.loads(made["composer-auth.json"].content) == {**auth, "http-basic": {"a.test": {}}}


def test_a_repository_with_a_password_in_its_address_is_a_secret() -> None:
    config = {"repositories": [{"type": "composer", "url": "https://me:word@php.test"}]}
    made = FAMILY.settings(Desk({"/home/me/.composer/config.json": json.dumps(config)}))
    assert made["composer-config.json"].secret


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"'])
def test_a_broken_configuration_of_composer_is_named_and_never_quoted(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        FAMILY.settings(Desk({"/c/auth.json": text}, {"COMPOSER_HOME": "/c"}))
    assert refused.value.where == "/c/auth.json"


def test_a_machine_that_says_nothing_leaves_composer_as_it_comes() -> None:
    assert FAMILY.settings(Desk({"/home/me/.composer/config.json": '{"config": {"sort-packages": true}}'})) == {}
