"""As the tests of the sandbox itself: a storage of its own for every test that publishes."""

import pytest

from portal.sandbox.tests.conftest import storage

pytest.register_assert_rewrite("portal.platforms.contract.works", "portal.platforms.contract.followers")

__all__ = ["storage"]
