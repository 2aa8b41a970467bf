"""Ruby: versions, declarations and lines as 2.7, 3.1 and 3.3 print them."""

from __future__ import annotations

import pytest

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
    ],
)
def test_the_telling_line_is_quoted_with_what_it_means(log: str, telling: int, means: str) -> None:
    lines = log.splitlines()
    assert quote(lines, [FAMILY]) == lines[telling]
    assert means in meaning(lines[telling], FAMILY)
    assert bool(means) == bool(meaning(lines[telling], FAMILY))
    assert sign(lines, [FAMILY]) is None
