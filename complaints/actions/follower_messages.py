"""Messages to followers, each with a personal signed link that undoes the move.

The portal knows a follower by the platform's number only, without name or language. So a message comes in
each language of the portal, and the link holds two numbers and a signature.
"""

import base64
import binascii
import hashlib
import hmac
import struct
from collections.abc import Callable
from functools import lru_cache

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from complaints.models import Restitution, RestitutionPage
from portal.languages import in_each_language
from portal.platforms import Message

_SALT = "complaints.follower"
_BODY = struct.Struct(">qq")
_MAC_BYTES = 16


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
    secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    if not any([hmac.compare_digest(_link_mac(_link_key(secret), body), mac) for secret in secrets]):  # noqa: C419 -- takes as long for each
        raise InvalidFollowerLink
    row = Restitution.objects.select_related("remedy__complaint").filter(pk=pk).first()
    if row is None:
        raise InvalidFollowerLink
    return row, follower_id


def return_messages(row: Restitution, page: RestitutionPage) -> dict[int, Message]:
    """What a page's followers are told after the move, by follower: those who moved, and those who followed both."""
    link = follower_links(row)
    key = f"{row.key}-moved"
    subject, moved = _subject_and_body("moved", row, both=False)
    _same, already = _subject_and_body("moved", row, both=True)
    told = {one: Message(key, subject, moved, link(one)) for one in page.moved}
    return told | {one: Message(key, subject, already, link(one)) for one in page.already}


def reversal_messages(row: Restitution, page: RestitutionPage) -> dict[int, Message]:
    """What those of a page are told whose follow is as it was before."""
    subject, body = _subject_and_body("returned", row)
    message = Message(f"{row.key}-returned", subject, body)
    others = {*page.overridden, *page.missing}
    return {one: message for one in (*page.moved, *page.already) if one not in others}


def follower_links(row: Restitution) -> Callable[[int], str]:
    """A function from a follower's id to the absolute address at which they, and nobody else, can take their move back.

    A restitution may have millions of followers: all but a follower's own part is worked out once.
    """
    place = settings.BASE_URL + reverse("complaints:follower_undo", args=["TOKEN"])
    before, after = place.split("TOKEN")
    key, pk = _link_key(settings.SECRET_KEY), row.pk

    def link(follower_id: int) -> str:
        body = _BODY.pack(pk, follower_id)
        token = base64.urlsafe_b64encode(body + _link_mac(key, body)).rstrip(b"=")
        return f"{before}{token.decode()}{after}"

    return link


@lru_cache(maxsize=8)
def _link_key(secret: str) -> bytes:
    return hashlib.sha256(f"{_SALT}:{secret}".encode()).digest()


def _link_mac(key: bytes, body: bytes) -> bytes:
    return hmac.digest(key, body, "sha256")[:_MAC_BYTES]


def _subject_and_body(kind: str, row: Restitution, **facts: object) -> tuple[str, str]:
    context = {"restitution": row, **facts}
    subjects = in_each_language(lambda: _render_text(f"complaints/follower/{kind}.subject.txt", context))
    bodies = in_each_language(lambda: _render_text(f"complaints/follower/{kind}.body.txt", context))
    return " · ".join(subjects.values()), "\n\n".join(bodies.values())


def _render_text(template: str, context: dict[str, object]) -> str:
    lines = (line.strip() for line in render_to_string(template, context).strip().splitlines())
    return "\n".join(lines)
