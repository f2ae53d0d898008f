"""What the portal has a platform show to its accounts: a message to one, or the same one to many followers."""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

LINK_MAC_BYTES = 16


@dataclass(frozen=True)
class Message:
    """What the platform shows to one of its accounts in the portal's name. `url` is a link of the portal."""

    key: str
    subject: str
    body: str
    url: str = ""


@dataclass(frozen=True)
class PersonalLink:
    """A page of the portal that has an address of its own for each follower; the platform works the addresses out.

    An address is `before`, a token and `after`. The token is base64url, without padding, of `head`, the follower's id
    as eight bytes (big endian, signed), and the first sixteen bytes of the HMAC-SHA256 of both under `key`.
    """

    before: str
    after: str
    head: bytes
    key: bytes = field(repr=False)

    def address_of(self, follower_id: int) -> str:
        """The address of this follower's page."""
        body = self.head + follower_id.to_bytes(8, "big", signed=True)
        mac = hmac.digest(self.key, body, "sha256")[:LINK_MAC_BYTES]
        return f"{self.before}{urlsafe_b64encode(body + mac).rstrip(b'=').decode()}{self.after}"

    def as_json(self) -> dict[str, str]:
        """How it travels: its bytes as hexadecimal digits."""
        return {"before": self.before, "after": self.after, "head": self.head.hex(), "key": self.key.hex()}

    @classmethod
    def from_json(cls, given: Mapping[str, str]) -> Self:
        """The link that as_json() gave."""
        return cls(given["before"], given["after"], bytes.fromhex(given["head"]), bytes.fromhex(given["key"]))


@dataclass(frozen=True)
class GroupMessage:
    """One message to many followers: the same text, and a link of their own where `link` is given."""

    key: str
    subject: str
    body: str
    followers: Sequence[int]
    link: PersonalLink | None = None

    def for_follower(self, follower_id: int) -> Message:
        """The message as this follower sees it."""
        url = self.link.address_of(follower_id) if self.link else ""
        return Message(self.key, self.subject, self.body, url)
