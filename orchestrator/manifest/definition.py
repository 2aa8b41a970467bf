"""The manifest, described once: the reader and the JSON Schema both follow from this page (SPEC section 3)."""

from __future__ import annotations

from typing import get_args

from orchestrator.manifest import meanings, refused, words
from orchestrator.manifest.shapes import Anything, ByKey, Either, Field, ListOf, MapOf, Record, Text, Whole
from orchestrator.model import Condition, Kind, Order, Policy, Ports, VerdictName

COMMAND = 'write it as a list: [python, -m, "invoice"]; for a shell, [sh, -c, "..."]'

ARGV = ListOf(words.VALUE, least=1, hint=COMMAND)
ENVIRONMENT = MapOf(words.VARIABLE, words.VALUE, hint="write a mapping: {CULTURE: en-US}")
MATCHER = Either(
    (
        words.PROSE,
        Record(
            "a matcher",
            (
                Field(
                    "matches", words.EXPRESSION, "a regular expression that is searched, without flags", required=True
                ),
            ),
            hint='write a string, or {matches: "a regular expression"}',
        ),
    )
)
STDOUT = Field("stdout", MATCHER, "what standard output must hold")
STDERR = Field("stderr", MATCHER, "what standard error must hold")
EXIT = Field("exit", Whole(0, 255), "the exit code; 0 where nothing is said")
CHECK = ByKey(
    {
        "http": Record(
            "an `http` check",
            (
                Field("http", words.URL_PATH, "the path to ask for, from outside", required=True),
                Field("method", words.METHOD, "the method; GET where nothing is said"),
                Field(
                    "port",
                    Either((Whole(1, 65535), words.PORT)),
                    "one of the app's ports; the first where nothing is said",
                ),
                Field("status", Whole(100, 599), "the status of the answer; 200 where nothing is said"),
                Field("json", Anything(), "what the answer must hold; * in a string is a glob"),
                Field("body", MATCHER, "what the body of the answer must hold"),
            ),
        ),
        "run": Record(
            "a `run` check",
            (Field("run", ARGV, "a command, run inside the box", required=True), EXIT, STDOUT, STDERR),
        ),
    },
    otherwise=Record(
        "a check of the app's own command",
        (EXIT, STDOUT, STDERR),
        least=1,
        hint="write one of {http: /path}, {run: [command]}, {exit: 0}",
    ),
)
HEALTHCHECK = Record(
    "a healthcheck",
    (
        Field("interval", words.DURATION, "time between two questions"),
        Field("timeout", words.DURATION, "time one question may take"),
        Field("retries", Whole(1, 1000), "how many questions before the app has failed to start"),
        Field("start_period", words.DELAY, "time to start before questions count"),
    ),
    refused=dict.fromkeys(
        ("test", "disable"), "an app is ready when its port answers HTTP; say what it does in `checks`"
    ),
)
LIMITS = Record(
    "a set of limits",
    (
        Field("cpus", words.CPUS, "processors, at most 1"),
        Field("memory", words.MEMORY, "memory, at most 512M"),
        Field("pids", Whole(1, 256), "processes and threads, at most 256"),
    ),
    hint=meanings.CAPS,
)
RESOURCES = Record("the resources", (Field("limits", LIMITS, "lower caps than the default ones", required=True),))
DEPLOY = Record("deploy", (Field("resources", RESOURCES, "what the app may use", required=True),))
RUNTIME = Either(
    (
        words.RUNTIME,
        Record(
            "a runtime",
            (
                Field("family", words.FAMILY, "dotnet, python ...", required=True),
                Field("version", words.VERSION, "the version, in quotes", required=True),
                Field("image", words.IMAGE, "a base image of your own"),
                Field("build_image", words.IMAGE, "a base image of your own for the build of a compiled app"),
            ),
            hint='write python@3.12, or {family: python, version: "3.12"}',
        ),
    )
)
DEPENDS_ON = Either(
    (
        ListOf(words.NAME, unique=True, hint="write [other], or {other: {condition: service_healthy}}"),
        MapOf(
            words.NAME,
            Record(
                "a dependency",
                (Field("condition", Text(choices=get_args(Condition)), "what to wait for", required=True),),
                hint="write {condition: service_healthy}",
            ),
        ),
    )
)
APP = Record(
    "an app",
    (
        Field("runtime", RUNTIME, "family@version; where it is left out, the files of the build context say it"),
        Field("build", words.FOLDER, "the build context, a folder inside the manifest's"),
        Field("command", ARGV, "the command, in exec form", required=True),
        Field("environment", ENVIRONMENT, "variables of the app"),
        Field(
            "ports",
            ListOf(words.PORT, unique=True, hint='write a list: ["8080"]'),
            "container ports; they make the app a service",
        ),
        Field("healthcheck", HEALTHCHECK, "how long to wait until the app is ready"),
        Field("depends_on", DEPENDS_ON, "apps that start first"),
        Field("deploy", DEPLOY, "lower limits"),
        Field("checks", ListOf(CHECK, hint="write a list: [{http: /, status: 200}]"), "what `this app works` means"),
        Field("packages", ListOf(words.ANY, hint='write a list: ["pydantic<2"]'), "packages of the runtime's world"),
        Field(
            "system_packages",
            ListOf(words.SYSTEM_PACKAGE, unique=True, hint="write a list: [libpq5]"),
            "Debian packages",
        ),
        Field("working_dir", words.BOX_PATH, "where the command starts; the app's folder where nothing is said"),
        Field(
            "labels",
            MapOf(words.LABEL, words.ANY, hint="write a mapping: {com.example.team: shop}"),
            "labels of the box",
        ),
        Field(
            "tmpfs", ListOf(words.BOX_PATH, unique=True, hint="write a list: [/data]"), "folders the app may write to"
        ),
    ),
    refused=refused.APP,
    hint="write runtime, command and checks below the app's name",
)
EXPECT = Record(
    "an expectation",
    (
        Field("verdict", Text(choices=get_args(VerdictName)), "the verdict"),
        Field("kind", Text(choices=get_args(Kind)), "why, for a conflict"),
        Field("app", words.NAME, "the app that fails"),
        Field("because", MATCHER, "what one of the reasons must hold"),
    ),
    least=1,
    hint="write {verdict: conflict}",
)
SHARED = Record(
    "a shared entry",
    (
        Field("name", words.NAME, "its name; the policy where nothing is said"),
        Field("policy", Text(choices=get_args(Policy)), "one version for all, or every version in one environment"),
        Field(
            "apps",
            ListOf(words.NAME, least=1, unique=True, hint="write a list: [invoice]"),
            "all where nothing is said",
        ),
        Field(
            "versions",
            ListOf(words.CANDIDATE, least=1, unique=True, hint='write a list: ["3.12"]'),
            "versions to try; every declared one where nothing is said",
        ),
        Field("order", Text(choices=get_args(Order)), "how packages go in; both where nothing is said"),
        Field("environment", ENVIRONMENT, "variables of every app in it"),
        Field("base", words.IMAGE, "an OS base, for example debian:bookworm"),
        Field("ports", Text(choices=get_args(Ports)), "a port for each app, or the ones it declares"),
        Field("expect", EXPECT, "what will happen"),
    ),
    hint="write {policy: one-runtime}",
)
MANIFEST = Record(
    "a manifest",
    (
        Field("name", words.PROJECT, "the project's name", required=True),
        Field("description", words.PROSE, "what this shows, for people"),
        Field(
            "apps",
            MapOf(words.APP_NAME, APP, least=1, hint="write at least one app"),
            "the apps by name",
            required=True,
        ),
        Field("shared", ListOf(SHARED, hint="write a list: [{policy: one-runtime}]"), "the shared environments to try"),
    ),
    refused=refused.TOP,
    hint="README.md shows a first one",
)
