"""Experiments as tests: the pytest plugin (docs/pytest.md). Only this folder imports pytest."""
