"""The tests of the whole site meet complaints, which need a platform and an engine."""

from complaints.tests.conftest import _quick_engine, _storage, platform

__all__ = ["_quick_engine", "_storage", "platform"]
