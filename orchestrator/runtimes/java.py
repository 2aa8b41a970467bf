"""Java: OpenJDK and its compiler."""

from __future__ import annotations

import re
from collections.abc import Mapping

from orchestrator.family import NEVER, Declared, Family, declared, signs, uncommented

NUMBER = r"(?:1\.(?=\d))?(\d+(?:\.\d+)*)"
"""A version, without the 1 that stood in front up to Java 8."""
VENDOR = r"(?:(?!graalvm|jruby)[a-z][a-z0-9_-]*-)?"
"""Tools name a build by vendor and version (`temurin-17.0.5+8`); GraalVM's own versions are no versions of Java."""


def observed(output: str) -> tuple[str, ...]:
    """`openjdk version "1.8.0_412"` -> 8.0.412, `openjdk version "21.0.5" 2024-10-15` -> 21.0.5."""
    found = re.findall(r'^(?:openjdk|java) version "(?:1\.(?=\d))?(\d[^"\s]*)"', output, re.MULTILINE)
    return tuple(version.replace("_", ".") for version in found)


def prefix(version: str) -> str:
    """A JDK finds its own from where its program lies."""
    return f"/opt/java-{version}"


def located(folder: str) -> Mapping[str, str]:
    """Build tools and start scripts ask for this one."""
    return {"JAVA_HOME": folder}


def java_version(text: str) -> Declared | None:
    """`.java-version`: 17, 1.8, temurin-17.0.5."""
    return declared(rf"^[ \t]*{VENDOR}{NUMBER}", text)


def tool_versions(text: str) -> Declared | None:
    """`.tool-versions`: the first version of the line `java temurin-17.0.5+8`."""
    return declared(rf"^[ \t]*java[ \t]+{VENDOR}{NUMBER}", text)


def pom_xml(text: str) -> Declared | None:
    """`pom.xml`: the property that says for which Java it compiles, the one that decides first."""
    bare = uncommented(text)
    properties = (r"maven\.compiler\.release", r"maven\.compiler\.target", r"maven\.compiler\.source", r"java\.version")
    found = (declared(rf"<{name}>\s*{NUMBER}\s*</", bare) for name in properties)
    return next(filter(None, found), None)


FAMILY = Family(
    name="java",
    version_command=("java", "-version"),
    observed=observed,
    package=NEVER,
    package_hint="javac compiles what the build context holds, jars included; Maven and Gradle are not supported",
    declarations={".java-version": java_version, ".tool-versions": tool_versions, "pom.xml": pom_xml},
    prefix=prefix,
    located=located,
    signatures=(
        *signs(
            r"java\.lang\.UnsupportedClassVersionError: ",
            meaning="a class runs on the Java it was compiled for and on newer ones, never on an older one",
        ),
        *signs(
            r"java\.lang\.NoClassDefFoundError: javax/(?:activation|annotation|jws|transaction|xml/(?:bind|soap|ws))/",
            r"java\.lang\.NoClassDefFoundError: org/omg/",
            meaning="Java 11 took the modules of Java EE and CORBA out of the JDK",
        ),
        *signs(
            r'Cannot invoke "javax\.script\.ScriptEngine\.',
            meaning="Java 15 took Nashorn out, its engine for JavaScript",
        ),
        *signs(
            r"java\.lang\.reflect\.InaccessibleObjectException: ",
            meaning="from Java 16 on the JDK keeps its own fields and methods to itself",
        ),
        *signs(
            r"java\.lang\.UnsupportedOperationException: The Security Manager is deprecated",
            meaning="from Java 18 on no Security Manager can be set while a program runs",
        ),
        *signs(
            r"\.java:\d+: error: ",
            r"java\.net\.BindException: Address already in use",
            r"java\.lang\.(?:NoClassDefFound|NoSuchMethod|NoSuchField|OutOfMemory)Error\b",
            r'^(?:Exception in thread "[^"]*"|Caused by:) [\w.$]+(?:Error|Exception)\b',
            r"^Error: (?:Could not find or load|Unable to initialize) main class ",
        ),
    ),
)
