"""The same folders as for the tests of the private servers."""

from portal.localservers.tests.conftest import data_dir, environment

__all__ = ["data_dir", "environment"]
