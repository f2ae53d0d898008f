"""Messages to followers, each with a personal signed link that undoes the move.

The portal knows a follower by the platform's number only, without name or language. So a message comes in
each language of the portal, and the link holds two numbers and a signature.
"""

import base64
import binascii
import hashlib
import hmac
import struct
from collections.abc import Iterator, Sequence
from functools import lru_cache

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from complaints.models import Restitution, RestitutionPage
from complaints.states import RestitutionMode, RestitutionState
from portal.languages import in_each_language
from portal.people.models import LinkedAccount
from portal.platforms import GroupMessage, PersonalLink
from portal.platforms.messages import LINK_MAC_BYTES

_SALT = "complaints.follower"
_HEAD = struct.Struct(">q")
_BODY = struct.Struct(">qq")


class InvalidFollowerLink(ValueError):
    """The link was never issued, or its restitution no longer exists."""


def read_follower_link(token: str) -> tuple[Restitution, int]:
    """The restitution and follower of a link's token; raises InvalidFollowerLink."""
    try:
        given = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        body, mac = given[: _BODY.size], given[_BODY.size :]
        pk, follower_id = _BODY.unpack(body)
    except (binascii.Error, struct.error, ValueError) as error:
        raise InvalidFollowerLink from error
    if not any([hmac.compare_digest(_link_mac(key, body), mac) for key in _accepted_keys(pk)]):  # noqa: C419 -- takes as long for each
        raise InvalidFollowerLink
    row = Restitution.objects.select_related("remedy__complaint").filter(pk=pk).first()
    if row is None:
        raise InvalidFollowerLink
    return row, follower_id


def return_messages(row: Restitution, page: RestitutionPage) -> list[GroupMessage]:
    """What a page's followers are told: those who moved, those who followed both; or whose follow was cleared, or who are asked."""
    if row.mode == RestitutionMode.INVITE:
        asks = row.state == RestitutionState.INVITING
        return [invitation_message(row, page.invited)] if asks and page.invited else []
    if row.mode == RestitutionMode.CLEAR:
        return [_message(row, "cleared", page.already, address=suggested_address(row))] if page.already else []
    groups = ((page.moved, False), (page.already, True))
    return [_message(row, "moved", followers, both=both) for followers, both in groups if followers]


def invitation_message(row: Restitution, followers: Sequence[int], *, reminder: bool = False) -> GroupMessage:
    """The question whether these followers want to follow the author instead; or the same once more."""
    return _message(row, "reminded" if reminder else "invited", followers)


def reversal_messages(row: Restitution, page: RestitutionPage) -> list[GroupMessage]:
    """What those of a page are told whose follow is as it was before: those who had moved, those who follow both again."""
    others = {*page.overridden, *page.missing}
    found = []
    for followers, both in ((page.moved, False), (page.already, True)):
        if restored := [one for one in followers if one not in others]:
            subject, body = _subject_and_body("returned", row, both=both)
            found.append(GroupMessage(f"{row.key}-returned", subject, body, restored))
    return found


def follower_link(row: Restitution) -> PersonalLink:
    """The page on which a follower, and nobody else, can take their move back. The platform works the addresses out.

    Its key is that of this restitution alone: a platform can make links for the followers it has moved, and no others.
    """
    place = settings.BASE_URL + reverse("complaints:follower_undo", args=["TOKEN"])
    before, after = place.split("TOKEN")
    return PersonalLink(before, after, _HEAD.pack(row.pk), _restitution_key(settings.SECRET_KEY, row.pk))


def suggested_address(row: Restitution) -> str:
    """Where the author is found: their account, or the original where they have none there; "" if neither is known."""
    links = LinkedAccount.objects.filter(platform=row.platform, external_id=row.target or None).order_by("-pk")
    original = row.remedy.complaint.original
    return links.values_list("url", flat=True).first() or (original.url if original else "")


def _message(row: Restitution, kind: str, followers: Sequence[int], **facts: object) -> GroupMessage:
    subject, body = _subject_and_body(kind, row, **facts)
    return GroupMessage(f"{row.key}-{kind}", subject, body, followers, follower_link(row))


def _accepted_keys(pk: int) -> Iterator[bytes]:
    """Those of links that are made now; then the common one, of links that were made before there were such keys."""
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    yield from (_restitution_key(secret, pk) for secret in secrets)
    yield from (_link_key(secret) for secret in secrets)


def _restitution_key(secret: str, pk: int) -> bytes:
    return hmac.digest(_link_key(secret), _HEAD.pack(pk), "sha256")


@lru_cache(maxsize=8)
def _link_key(secret: str) -> bytes:
    return hashlib.sha256(f"{_SALT}:{secret}".encode()).digest()


def _link_mac(key: bytes, body: bytes) -> bytes:
    return hmac.digest(key, body, "sha256")[:LINK_MAC_BYTES]


def _subject_and_body(kind: str, row: Restitution, **facts: object) -> tuple[str, str]:
    context = {"restitution": row, **facts}
    subjects = in_each_language(lambda: _render_text(f"complaints/follower/{kind}.subject.txt", context))
    bodies = in_each_language(lambda: _render_text(f"complaints/follower/{kind}.body.txt", context))
    return " · ".join(subjects.values()), "\n\n".join(bodies.values())


def _render_text(template: str, context: dict[str, object]) -> str:
    lines = (line.strip() for line in render_to_string(template, context).strip().splitlines())
    return "\n".join(lines)
