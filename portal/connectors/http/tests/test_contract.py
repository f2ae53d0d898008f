"""The connector over HTTP, with the reference platform in a process of its own, keeps the contract of platforms."""

import pytest

from portal.platforms.contract import Beliefs, Contract


@pytest.mark.django_db
class TestReference(Contract, Beliefs):
    pass
