"""Ruby: versions, declarations and lines as 2.7, 3.1 and 3.3 print them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from orchestrator.family import Setting
from orchestrator.runtimes import families
from orchestrator.signs import meaning, quote, sign

FAMILY = families()["ruby"]
RELEASES = ("2.7", "3.1", "3.3")


@pytest.mark.parametrize(
    ("output", "version"),
    [
        ("ruby 2.7.4p191 (2021-07-07 revision a21a3b7d23) [x86_64-linux-gnu]\n", "2.7.4"),
        ("ruby 3.3.14 (2026-11-19 revision f4c37f481b) [x86_64-linux-gnu]\n", "3.3.14"),
    ],
)
def test_it_says_its_version(output: str, version: str) -> None:
    assert FAMILY.observed(output) == (version,)


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        (".ruby-version", "2.7.4\n", ("2.7.4", 1)),
        (".ruby-version", "# ours\nruby-3.3.0\n", ("3.3.0", 2)),
        (".ruby-version", "jruby-9.4.5.0\n", None),
        (".tool-versions", "java 17\nruby 3.1.2\n", ("3.1.2", 2)),
        ("Gemfile", 'source "https://rubygems.org"\n\nruby "2.7.4"\n', ("2.7.4", 3)),
        ("Gemfile", "ruby '~> 3.1'", ("~> 3.1", 1)),
        ("Gemfile", 'ruby ">= 2.7", "< 3.2"', (">= 2.7,< 3.2", 1)),
        ("Gemfile", 'ruby(">= 2.7", "< 3.2")', (">= 2.7,< 3.2", 1)),
        ("Gemfile", 'ruby "3.1.2", patchlevel: "20"', ("3.1.2", 1)),
        ("Gemfile", 'ruby file: ".ruby-version"', None),
        ("Gemfile", '# ruby "2.7"\ngem "ruby", "1"\n', None),
    ],
)
def test_files_say_which_ruby_they_mean(file: str, text: str, says: tuple[str, int] | None) -> None:
    assert FAMILY.declarations[file](text) == says


@pytest.mark.parametrize(
    ("wanted", "versions"),
    [
        ("2.7.4", "2.7"),
        ("= 3.1", "3.1"),
        ("3", "3.1 3.3"),
        ("~> 2.7", "2.7"),
        ("~> 3.1", "3.1 3.3"),
        ("~> 3.1.2", "3.1"),
        ("~> 3", "3.1 3.3"),
        (">= 2.7", "2.7 3.1 3.3"),
        (">= 2.7,< 3.2", "2.7 3.1"),
        (">=3.1.2", "3.1 3.3"),
        ("> 3.1", "3.1 3.3"),
        ("<= 3.3", "2.7 3.1"),
        ("!= 3.1.0", "2.7 3.1 3.3"),
        ("^3.1", ""),
        ("nonsense", ""),
    ],
)
def test_requirements_admit_releases(wanted: str, versions: str) -> None:
    assert [one for one in RELEASES if FAMILY.allows(wanted, one)] == versions.split()


EXISTS = """\
app.rb:8:in `seasons': undefined method `exists?' for class File (NoMethodError)

  YAML.load(File.read(file)) if File.exists?(file)
                                    ^^^^^^^^
Did you mean?  exist?
\tfrom app.rb:15:in `<main>'
"""
RANGE = """\
/usr/lib/ruby/3.3.0/psych/class_loader.rb:99:in `find': Tried to load unspecified class: Range (Psych::DisallowedClass)
\tfrom /usr/lib/ruby/3.3.0/psych/class_loader.rb:28:in `load'
\tfrom -e:1:in `<main>'
"""
KEYWORDS = """\
app.rb:11:in `price': wrong number of arguments (given 2, expected 1; required keyword: from) (ArgumentError)
\tfrom app.rb:16:in `block in <main>'
"""
TAINT = """\
-e:1:in `<main>': undefined method `taint' for an instance of String (NoMethodError)

"".taint
  ^^^^^^
"""
ESCAPE = "-e:1:in `<main>': undefined method `escape' for module URI (NoMethodError)\n"
FIXNUM = "-e:1:in `<main>': uninitialized constant Fixnum (NameError)\n\nFixnum\n^^^^^^\n"
SYNTAX_27 = """\
s2.rb:1: syntax error, unexpected ','
config = {host:, port:}
               ^
"""
SYNTAX_33 = """\
s.rb: --> s.rb

Unmatched keyword, missing `end' ?

> 1  def a

s.rb:1: syntax error, unexpected end-of-input (SyntaxError)
def a
     ^
"""
DATA_27 = "-e:1:in `<main>': undefined method `define' for Data:Class (NoMethodError)\nDid you mean?  defined?\n"
DATA_31 = "-e:1:in `<main>': uninitialized constant Data (NameError)\n\nP=Data.define(:x)\n  ^^^^\n"
TAKEN = """\
-e:1:in `initialize': Address already in use - bind(2) for nil port 8099 (Errno::EADDRINUSE)
\tfrom -e:1:in `new'
"""
GEMFILE_RUBY = "Your Ruby version is 2.7.4, but your Gemfile specified 1.9.3\n"
TOO_OLD_27 = """\
Resolving dependencies...
newest-1.0.0 requires ruby version >= 3.2, which is incompatible with the current version, ruby 2.7.4p191
"""
TOO_OLD_31 = """\
Resolving dependencies...
Bundler found conflicting requirements for the Ruby\0 version:
  In Gemfile:
    newest was resolved to 1.0.0, which depends on
      Ruby\0 (>= 3.2)

  Current Ruby\0 version:
    Ruby\0 (= 3.1.2)
"""
TOO_OLD_33 = """\
Could not find compatible versions

Because every version of future depends on Ruby >= 9.0
  and Gemfile depends on future >= 0,
  Ruby >= 9.0 is required.
So, because current Ruby version is = 3.3.14,
  version solving has failed.
"""
TOO_OLD_GEM = """\
ERROR:  Error installing newest:
\tnewest-1.0.0 requires Ruby version >= 3.2. The current ruby version is 2.7.4.191.
"""
NO_VERSION_27 = """\
Could not find gem 'fruit (= 3.0) x86_64-linux' in any of the gem sources listed in your Gemfile.
"""
NO_VERSION_33 = """\
Could not find gem 'fruit (= 3.0)' in rubygems repository http://127.0.0.1:8099/ or installed locally.

The source contains the following gems matching 'fruit':
  * fruit-1.0.0
  * fruit-2.0.0
"""
NO_VERSION_GEM = """\
ERROR:  Could not find a valid gem 'fruit' (= 3.0) (required by 'fruit' (3.0)) in any repository
ERROR:  Possible alternatives: fruit
"""
CLASH_27 = """\
Bundler could not find compatible versions for gem "fruit":
  In Gemfile:
    fruit (~> 2.0) x86_64-linux

    needs_one x86_64-linux was resolved to 1.0.0, which depends on
      fruit (~> 1.0) x86_64-linux
"""
CLASH_33 = """\
Could not find compatible versions

Because every version of needs_one depends on fruit ~> 1.0
  and Gemfile depends on fruit ~> 2.0,
  needs_one cannot be used.
So, because Gemfile depends on needs_one >= 0,
  version solving has failed.
"""
TWICE = """\

[!] There was an error parsing `Gemfile`: You cannot specify the same gem twice with different version requirements.
You specified: fruit (= 1.0.0) and fruit (= 2.0.0). Bundler cannot continue.

 #  from /apps/a/Gemfile:3
 #  -------------------------------------------
 #  gem 'fruit', '1.0.0'
 >  gem 'fruit', '2.0.0'
 #  -------------------------------------------
"""
COMPILED = """\
Gem::Ext::BuildError: ERROR: Failed to build gem native extension.

    current directory: /usr/local/bundle/gems/compiled-1.0.0/ext/broken
/usr/bin/ruby2.7 -I /usr/lib/ruby/vendor_ruby -r ./siteconf20261125-85-12zv9l7.rb extconf.rb
mkmf.rb can't find header files for ruby at /usr/lib/ruby/include/ruby.h

You might have to install separate package for the ruby development
environment, ruby-dev or ruby-devel for example.

extconf failed, exit code 1

An error occurred while installing compiled (1.0.0), and Bundler cannot continue.

In Gemfile:
  compiled
"""
RAISED = '-e:1:in `<main>\': no (ArgumentError)\nmore\n\nraise ArgumentError, "no"\n      ^^^^^\n'


@pytest.mark.parametrize(
    ("log", "telling", "means"),
    [
        (EXISTS, 0, "Ruby 3.2"),
        (RANGE, 0, "Ruby 3.1"),
        (KEYWORDS, 0, "Ruby 3.0"),
        (TAINT, 0, "Ruby 3.2"),
        (ESCAPE, 0, "Ruby 3.0"),
        (FIXNUM, 0, "Ruby 3.2"),
        (SYNTAX_27, 0, "grammar"),
        (SYNTAX_33, 6, "grammar"),
        (DATA_27, 0, "Ruby 3.2"),
        (DATA_31, 0, "Ruby 3.2"),
        (TAKEN, 0, ""),
        (RAISED, 0, ""),
        (GEMFILE_RUBY, 0, "that Ruby"),
        (TOO_OLD_27, 1, "that Ruby"),
        (TOO_OLD_31, 1, "that Ruby"),
        (TOO_OLD_33, 5, "that Ruby"),
        (TOO_OLD_GEM, 1, "that Ruby"),
        (NO_VERSION_27, 0, ""),
        (NO_VERSION_33, 0, ""),
        (NO_VERSION_GEM, 0, ""),
        (CLASH_27, 0, ""),
        (CLASH_33, 2, ""),
        (TWICE, 1, ""),
        (COMPILED, 4, "ruby-dev"),
    ],
)
def test_the_telling_line_is_quoted_with_what_it_means(log: str, telling: int, means: str) -> None:
    lines = log.splitlines()
    assert quote(lines, [FAMILY]) == lines[telling].strip()
    assert means in meaning(lines[telling], FAMILY)
    assert bool(means) == bool(meaning(lines[telling], FAMILY))
    assert sign(lines, [FAMILY]) is None


@pytest.mark.parametrize(
    "entry", ["rack", "rack:2.2.8", "rack:~>2.2", "rack:>=2", "net-http:!=0.3.0", "a.b_c:=1.0.rc1"]
)
def test_a_package_is_a_name_and_one_requirement(entry: str) -> None:
    assert FAMILY.package.fullmatch(entry)


@pytest.mark.parametrize(
    "entry", ["rack:", "rack:~> 2", "rack:2,3", "rack@2", "-v", 'a", path: "/', "a:latest", "./a.gem", "a:1\nb", "a:^1"]
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


CONFIG = """\
---
BUNDLE_MIRROR__HTTPS://RUBYGEMS__ORG/: "http://gems.test/"
BUNDLE_PATH: "vendor/bundle"
BUNDLE_BUILD__NOKOGIRI: "--use-system-libraries"
"""


def test_mirrors_of_bundler_are_known_to_builds() -> None:
    made = FAMILY.settings(Desk({"/home/me/.bundle/config": CONFIG}))
    assert made["bundle.config"].content == b'---\nBUNDLE_MIRROR__HTTPS://RUBYGEMS__ORG/: "http://gems.test/"\n'
    assert not made["bundle.config"].secret


@pytest.mark.parametrize("name", ["BUNDLE_GEMS__EXAMPLE__TEST", "BUNDLE_HTTP://GEMS__TEST:8099/PRIVATE/"])
def test_what_bundler_tells_a_host_of_the_user_is_a_secret(name: str) -> None:
    made = FAMILY.settings(Desk({}, {name: "me:word"}))
    assert made["bundle.config"].secret
    assert f'{name}: "me:word"' in made["bundle.config"].content.decode()


@pytest.mark.parametrize(("source", "secret"), [("https://gems.test/", False), ("https://me:word@gems.test/", True)])
def test_sources_of_an_gemrc_are_known_to_builds(source: str, secret: bool) -> None:
    made = FAMILY.settings(
        Desk({"/home/me/.gemrc": f"---\n:verbose: true\n:sources:\n- {source}\ngem: --no-document\n"})
    )
    assert made == {"gemrc": Setting(f"---\n:sources:\n- {source}\n".encode(), secret)}


def test_a_machine_that_says_nothing_leaves_rubygems_as_it_comes() -> None:
    assert FAMILY.settings(Desk({"/home/me/.bundle/config": "---\nBUNDLE_JOBS: 4\n", "/etc/gemrc": "gem: -V\n"})) == {}
