"""Compares versions with distutils, as many setup scripts did. setuptools brings a copy of it."""

import setuptools  # noqa: F401
from distutils.version import LooseVersion

if LooseVersion("1.10") > LooseVersion("1.9"):
    print("1.10 is newer than 1.9")
