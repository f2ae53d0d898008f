"""Linking an account of the platform in memory, as people do it; for the tests of all who build on it."""

from portal.people.actions import links as actions
from portal.people.models import LinkedAccount, User
from portal.testing.fake_platform import FakePlatform


def claim(person: User, text: str = "@ana") -> LinkedAccount:
    """Name an account of the fake platform."""
    return actions.claim_account(person=person, platform="fake", account=text, by=person)


def prove(person: User, platform: FakePlatform, text: str = "@ana") -> LinkedAccount:
    """Name an account, put the code in its profile, and have it looked for."""
    link = claim(person, text)
    platform.profiles[link.external_id] = f"I sing.\n{link.code}"
    actions.prove_account(link=link, by=person)
    return link
