"""The calls of MediaCMS's API that a small MediaCMS for tests answers, with the statuses that it has for errors."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, quote

from portal.testing.mediacms_state import MediaCmsState, Medium, Problem, User

_PAGE, _MOST_WORKS = 50, 1_000
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


@dataclass
class Created:
    """What is answered with 201."""

    given: Any


@dataclass
class ApiRequest:
    """A call, of nobody or a user, with its query and body."""

    server: MediaCmsState
    user: User | None
    query: dict[str, str]
    kind: str = ""
    body: bytes = field(default=b"", repr=False)

    def signed_in(self) -> User:
        """The user; raises Problem without one."""
        if self.user is None:
            raise Problem(403, "Authentication credentials were not provided.")
        return self.user

    def json(self) -> dict[str, Any]:
        """The body where only JSON is taken."""
        if self.kind != "application/json":
            raise Problem(415, f'Unsupported media type "{self.kind}" in request.')
        given: dict[str, Any] = json.loads(self.body)
        return given

    def form(self) -> dict[str, str]:
        """The body where only a form is taken; none at all is an empty one."""
        if not self.body and not self.kind:
            return {}
        if self.kind not in _FORMS:
            raise Problem(400, "Missing filename. Request should include a Content-Disposition header with a filename.")
        return {name: values[0] for name, values in parse_qs(self.body.decode(), keep_blank_values=True).items()}


def _page(request: ApiRequest, path: str, rows: list[Any]) -> dict[str, Any]:
    number = int(request.query.get("page", "1"))
    first = (number - 1) * _PAGE
    if number < 1 or (first >= len(rows) and number > 1):
        raise Problem(404, "Invalid page.")
    host = request.server.next_host or request.server.address
    query = "&".join(f"{name}={quote(value)}" for name, value in {**request.query, "page": str(number + 1)}.items())
    following = f"{host}/api/v1{path}?{query}" if first + _PAGE < len(rows) else None
    return {"count": len(rows), "next": following, "previous": None, "results": rows[first : first + _PAGE]}


def _user(request: ApiRequest, name: str) -> User:
    if (user := request.server.users.get(name)) is None:
        raise Problem(400, "user does not exist")
    return user


def _show_user(request: ApiRequest, name: str) -> Any:
    return request.server.user_json(_user(request, name))


def _contact(request: ApiRequest, name: str) -> None:
    """Answers the same for users who are not there, and where no mail is sent."""
    user = request.signed_in()
    if name in request.server.users and user.is_editor:
        request.server.mails.append((name, str(request.json()["body"])))


def _whoami(request: ApiRequest) -> Any:
    return request.server.user_json(request.signed_in())


def _manage_users(request: ApiRequest) -> Any:
    if not request.signed_in().is_editor:
        raise Problem(403, "You do not have permission to perform this action.")
    role = request.query.get("role", "")
    rows = [request.server.user_json(user) for user in request.server.users.values() if user.role == role]
    return _page(request, "/manage_users", rows)


def _list_media(request: ApiRequest) -> Any:
    author, server = request.query.get("author", ""), request.server
    if author not in server.users:
        raise Problem(404, "Not found.")
    sees_all = request.user is not None and (request.user.is_editor or request.user.name == author)
    rows = [one for one in server.media.values() if one.owner == author and (sees_all or one.state == "public")]
    rows = sorted(rows, key=lambda one: one.add_date, reverse=True)[:_MOST_WORKS]
    return _page(request, "/media", [server.medium_json(one) for one in rows])


def _medium(request: ApiRequest, token: str) -> Medium:
    medium = request.server.media.get(token)
    if medium is None or (medium.state == "private" and request.user is None):
        raise Problem(400, "media file does not exist")
    user = request.user
    if medium.state == "private" and user is not None and not (user.is_editor or user.name == medium.owner):
        raise Problem(401, "media is private")
    return medium


def _show_medium(request: ApiRequest, token: str) -> Any:
    return request.server.medium_detail_json(_medium(request, token))


def _change_medium(request: ApiRequest, token: str) -> Created:
    """A change by an editor makes them the owner; one with fields resets what is left out."""
    user, medium = request.signed_in(), _medium(request, token)
    if not user.is_editor and user.name != medium.owner:
        raise Problem(401, "bad permissions")
    fields = request.form()
    if fields:
        medium.title = fields.get("title") or f"{token}.video.mp4"
    if request.server.passes_ownership:
        medium.owner = user.name
    return Created(request.server.medium_json(medium))


def _bulk(request: ApiRequest) -> Any:
    """Only on the caller's own works, whatever their role."""
    user, asked = request.signed_in(), request.json()
    media = [one for one in request.server.media.values() if one.token in asked["media_ids"] and one.owner == user.name]
    if not media:
        raise Problem(400, "No matching media found")
    if asked["action"] == "set_state":
        return _set_state(media, asked["state"])
    if asked["action"] == "change_owner":
        return _change_owner(request, media, asked["owner"])
    raise Problem(400, f"Unknown action: {asked['action']}")


def _set_state(media: list[Medium], state: str) -> Any:
    if state not in {"public", "private", "unlisted"}:
        raise Problem(400, "state must be one of private, public, unlisted")
    for medium in media:
        medium.state = state
    return {"detail": f"State updated to {state} for {len(media)} media items"}


def _change_owner(request: ApiRequest, media: list[Medium], owner: str) -> Any:
    if owner not in request.server.users:
        raise Problem(400, "User not found")
    for medium in media:
        medium.owner = owner
    return {"detail": f"Owner changed for {len(media)} media items"}


Act = Callable[..., Any]
ROUTES: list[tuple[str, re.Pattern[str], Act]] = [
    (method, re.compile(path), act)
    for method, path, act in (
        ("GET", r"/whoami", _whoami),
        ("GET", r"/users/([\w@._-]+)", _show_user),
        ("POST", r"/users/([\w@._-]+)/contact", _contact),
        ("GET", r"/manage_users", _manage_users),
        ("GET", r"/media", _list_media),
        ("POST", r"/media/user/bulk_actions", _bulk),
        ("GET", r"/media/([\w-]+)", _show_medium),
        ("PUT", r"/media/([\w-]+)", _change_medium),
    )
]
