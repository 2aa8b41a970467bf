"""Java: versions, declarations and lines as OpenJDK 8, 11, 17 and 21 print them."""

from __future__ import annotations

import pytest

from orchestrator.runtimes import families
from orchestrator.signs import meaning, quote, sign

FAMILY = families()["java"]
RELEASES = ("8", "11", "17", "21")
OLDEST = """\
openjdk version "1.8.0_504"
OpenJDK Runtime Environment (build 1.8.0_504-8u504-ga-1-b01)
OpenJDK 64-Bit Server VM (build 25.504-b01, mixed mode)
"""
NEWEST = """\
openjdk version "21.0.13.1" 2026-11-17
OpenJDK Runtime Environment (build 21.0.13.1+2-1-deb13u1-Debian)
OpenJDK 64-Bit Server VM (build 21.0.13.1+2-1-deb13u1-Debian, mixed mode, sharing)
"""


@pytest.mark.parametrize(
    ("output", "version"),
    [
        (OLDEST, "8.0.504"),
        (NEWEST, "21.0.13.1"),
        ('Picked up JAVA_TOOL_OPTIONS: -Xmx64m\nopenjdk version "17" 2021-09-14\n', "17"),
        ('java version "1.8.0_202"\n', "8.0.202"),
    ],
)
def test_the_1_that_stood_in_front_is_left_out(output: str, version: str) -> None:
    assert FAMILY.observed(output) == (version,)


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        (".java-version", "17\n", ("17", 1)),
        (".java-version", "1.8\n", ("8", 1)),
        (".java-version", "1.8.0_412\n", ("8.0", 1)),
        (".java-version", "openjdk64-11.0.2\n", ("11.0.2", 1)),
        (".java-version", "system\n", None),
        (".tool-versions", "ruby 2.7.4\njava temurin-17.0.5+8\n", ("17.0.5", 2)),
        (".tool-versions", "java graalvm-21.3.0+java11\n", None),
        (".tool-versions", "javascript 21\n", None),
        ("pom.xml", "<java.version>17</java.version>", ("17", 1)),
        ("pom.xml", "<p>\n<maven.compiler.target>1.8</maven.compiler.target>\n</p>", ("8", 2)),
        (
            "pom.xml",
            "<java.version>8</java.version>\n<maven.compiler.release> 21 </maven.compiler.release>",
            ("21", 2),
        ),
        ("pom.xml", "<!--\n<java.version>8</java.version>\n-->\n<java.version>11</java.version>", ("11", 4)),
        ("pom.xml", "<maven.compiler.target>${java.version}</maven.compiler.target>", None),
    ],
)
def test_files_say_which_java_they_mean(file: str, text: str, says: tuple[str, int] | None) -> None:
    assert FAMILY.declarations[file](text) == says


@pytest.mark.parametrize(("wanted", "version"), [("8", "8"), ("8.0", "8"), ("17.0.5", "17"), ("21", "21"), ("1", None)])
def test_a_version_is_of_one_release(wanted: str, version: str | None) -> None:
    assert [one for one in RELEASES if FAMILY.allows(wanted, one)] == ([version] if version else [])


TOO_NEW_8 = """\
Error: A JNI error has occurred, please check your installation and try again
Exception in thread "main" java.lang.UnsupportedClassVersionError: Parcels has been compiled by a more recent version \
of the Java Runtime (class file version 65.0), this version of the Java Runtime only recognizes class file versions up \
to 52.0
\tat java.lang.ClassLoader.defineClass1(Native Method)
\tat java.lang.ClassLoader.defineClass(ClassLoader.java:756)
"""
TOO_NEW_17 = """\
Error: LinkageError occurred while loading main class Parcels
\tjava.lang.UnsupportedClassVersionError: Parcels has been compiled by a more recent version of the Java Runtime \
(class file version 65.0), this version of the Java Runtime only recognizes class file versions up to 61.0
"""
REMOVED = """\
Error: Unable to initialize main class Prices
Caused by: java.lang.NoClassDefFoundError: javax/xml/bind/JAXBException
"""
NO_NASHORN = """\
Exception in thread "main" java.lang.NullPointerException: Cannot invoke "javax.script.ScriptEngine.eval(String)" \
because the return value of "javax.script.ScriptEngineManager.getEngineByName(String)" is null
\tat N.main(N.java:1)
"""
CLOSED = """\
Exception in thread "main" java.lang.reflect.InaccessibleObjectException: Unable to make field private final byte[] \
java.lang.String.value accessible: module java.base does not "opens java.lang" to unnamed module @15db9742
\tat java.base/java.lang.reflect.AccessibleObject.throwInaccessibleObjectException(AccessibleObject.java:391)
"""
NO_MANAGER = """\
Exception in thread "main" java.lang.UnsupportedOperationException: The Security Manager is deprecated and will be \
removed in a future release
\tat java.base/java.lang.System.setSecurityManager(System.java:430)
"""
TAKEN = """\
Exception in thread "main" java.net.BindException: Address already in use
\tat java.base/sun.nio.ch.Net.bind0(Native Method)
"""
WRONG = """\
E.java:1: error: illegal start of expression
class E { int x = ; }
                  ^
1 error
"""


@pytest.mark.parametrize(
    ("log", "telling", "means"),
    [
        (TOO_NEW_8, 1, "never on an older one"),
        (TOO_NEW_17, 1, "never on an older one"),
        (REMOVED, 1, "Java 11"),
        (NO_NASHORN, 0, "Java 15"),
        (CLOSED, 0, "Java 16"),
        (NO_MANAGER, 0, "Java 18"),
        (TAKEN, 0, ""),
        (WRONG, 0, ""),
    ],
)
def test_the_telling_line_is_quoted_with_what_it_means(log: str, telling: int, means: str) -> None:
    lines = log.splitlines()
    assert quote(lines, [FAMILY]) == lines[telling].strip()
    assert means in meaning(lines[telling], FAMILY)
    assert bool(means) == bool(meaning(lines[telling], FAMILY))
    assert sign(lines, [FAMILY]) is None
