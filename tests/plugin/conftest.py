"""A project of somebody else's for each test."""

from __future__ import annotations

import pytest

from theirs import RECORDED, Project


@pytest.fixture
def project(pytester: pytest.Pytester) -> Project:
    pytester.makeconftest(RECORDED.format(log=str(pytester.path / "asked"), runs=str(pytester.path / "runs")))
    return Project(pytester)
