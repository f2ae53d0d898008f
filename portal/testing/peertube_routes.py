"""The calls of PeerTube's API that a small PeerTube for tests answers."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from secrets import token_hex
from typing import Any
from uuid import uuid4

from portal.testing.peertube_state import PeerTubeState, Problem, Report, User

_ACCESS_SECONDS, _REFRESH_SECONDS = 86_400, 14 * 86_400


@dataclass
class ApiRequest:
    """A call of a user, with its query and the JSON that it brings."""

    server: PeerTubeState
    user: User
    query: dict[str, list[str]]
    body: dict[str, Any]


def _page(given: list[Any], request: ApiRequest) -> dict[str, Any]:
    start, count = (int(request.query.get(name, [default])[0]) for name, default in (("start", "0"), ("count", "15")))
    if not 0 <= count <= 100:
        raise Problem(400, "invalid_count")
    return {"total": len(given), "data": given[start : start + count]}


def _user_of(request: ApiRequest, name: str) -> User:
    if (user := request.server.users.get(name.removesuffix(f"@{request.server.host}"))) is None:
        raise Problem(404, "account_not_found")
    return user


def _account(request: ApiRequest, name: str) -> Any:
    return request.server.account_json(_user_of(request, name))


def _videos_of(request: ApiRequest, name: str) -> Any:
    owner = _user_of(request, name)
    server, include = request.server, int(request.query.get("include", ["0"])[0])
    everyone = "3" in request.query.get("privacyOneOf", [])
    mine = [one for one in server.videos.values() if one.owner is owner]
    sensitive = request.query.get("nsfw") == ["both"]
    seen = [one for one in mine if (one.blocked is None or include & 2) and (everyone or not one.is_private)]
    seen = [one for one in seen if sensitive or not one.is_sensitive]
    return _page([server.video_json(one) for one in sorted(seen, key=lambda one: one.published_at)], request)


def _channel(request: ApiRequest, name: str) -> Any:
    if not name.endswith("_channel"):
        raise Problem(404, "channel_not_found")
    return {"name": name, "ownerAccount": _account(request, name.removesuffix("_channel"))}


def _channels_of(request: ApiRequest, name: str) -> Any:
    followers = _user_of(request, name).followers
    return _page([{"name": f"{name}_channel", "followersCount": followers}], request)


def _source(request: ApiRequest, video: str) -> Any:
    found = request.server.video(video)
    if not found.has_source:
        raise Problem(404, "source_not_found")
    return {
        "inputFilename": "video.mp4",
        "fileDownloadUrl": f"{request.server.address}/download/sources/{found.uuid}.mp4",
    }


def _block_video(request: ApiRequest, video: str) -> None:
    found = request.server.video(video)
    if found.blocked is not None:
        raise Problem(409, "already_blocked")
    found.blocked = str(request.body.get("reason") or "")


def _unblock_video(request: ApiRequest, video: str) -> None:
    found = request.server.video(video)
    if found.blocked is None:
        raise Problem(404, "not_blocked")
    found.blocked = None


def _user(request: ApiRequest, number: str) -> User:
    found = [one for one in request.server.users.values() if str(one.id) == number and not one.host]
    if not found:
        raise Problem(404, "user_not_found")
    return found[0]


def _user_json(request: ApiRequest, number: str) -> Any:
    user = _user(request, number)
    role = {"id": 1 if user.moderator else 2}
    return {"id": user.id, "username": user.name, "blocked": user.blocked, "blockedReason": user.reason, "role": role}


def _block_user(request: ApiRequest, number: str) -> None:
    user, reason = _user(request, number), str(request.body.get("reason") or "")
    if user.moderator:
        raise Problem(403, "not_allowed")
    if len(reason) > 500:
        raise Problem(400, "reason_too_long")
    user.blocked, user.reason = True, reason
    for tokens in (request.server.access, request.server.refresh):
        for token in [token for token, (name, _until) in tokens.items() if name == user.name]:
            del tokens[token]


def _unblock_user(request: ApiRequest, number: str) -> None:
    user = _user(request, number)
    user.blocked, user.reason = False, ""


def _report_json(server: PeerTubeState, report: Report) -> dict[str, Any]:
    video = report.video
    seen: dict[str, Any] = {"uuid": video.uuid, "name": video.name} if video else {"uuid": str(uuid4()), "name": "gone"}
    seen |= {"deleted": video is None, "startAt": report.start, "endAt": report.end}
    return {
        "id": report.id,
        "reason": report.reason,
        "predefinedReasons": list(report.kinds),
        "reporterAccount": server.account_json(report.reporter),
        "state": {"id": report.state},
        "video": seen,
        "createdAt": "2026-06-01T08:00:00.000Z",
    }


def _reports(request: ApiRequest) -> Any:
    state, kind = (request.query.get(name, [""])[0] for name in ("state", "predefinedReason"))
    found = [one for one in request.server.reports if str(one.state) == state and kind in one.kinds]
    return _page([_report_json(request.server, one) for one in found], request)


def _report(request: ApiRequest, number: str) -> Report:
    found = [one for one in request.server.reports if str(one.id) == number]
    if not found:
        raise Problem(404, "abuse_not_found")
    return found[0]


def _write_message(request: ApiRequest, number: str) -> Any:
    report, text = _report(request, number), str(request.body["message"])
    if report.reporter.host:
        raise Problem(400, "remote_abuse")
    if not 2 <= len(text) <= 3000:
        raise Problem(400, "message_length")
    report.messages.append(text)
    return {"abuseMessage": {"id": len(report.messages)}}


def _read_messages(request: ApiRequest, number: str) -> Any:
    messages = _report(request, number).messages
    return {"total": len(messages), "data": [{"id": i, "message": text} for i, text in enumerate(messages)]}


def _one_report(request: ApiRequest) -> Any:
    return _page([_report_json(request.server, _report(request, request.query["id"][0]))], request)


def _settle_report(request: ApiRequest, number: str) -> None:
    report = _report(request, number)
    report.state, report.comment = int(request.body["state"]), str(request.body.get("moderationComment") or "")


Act = Callable[..., Any]
ROUTES: list[tuple[str, re.Pattern[str], Act]] = [
    (method, re.compile(path), act)
    for method, path, act in (
        ("GET", r"/accounts/([^/]+)", _account),
        ("GET", r"/accounts/([^/]+)/videos", _videos_of),
        ("GET", r"/accounts/([^/]+)/video-channels", _channels_of),
        ("GET", r"/video-channels/([^/]+)", _channel),
        ("GET", r"/videos/([^/]+)", lambda request, video: request.server.video_json(request.server.video(video))),
        ("GET", r"/videos/([^/]+)/source", _source),
        ("POST", r"/videos/([^/]+)/blacklist", _block_video),
        ("DELETE", r"/videos/([^/]+)/blacklist", _unblock_video),
        ("GET", r"/users/me", lambda request: _user_json(request, str(request.user.id))),
        ("GET", r"/users/(\d+)", _user_json),
        ("POST", r"/users/(\d+)/block", _block_user),
        ("POST", r"/users/(\d+)/unblock", _unblock_user),
        ("GET", r"/abuses", lambda request: (_one_report if "id" in request.query else _reports)(request)),
        ("PUT", r"/abuses/(\d+)", _settle_report),
        ("GET", r"/abuses/(\d+)/messages", _read_messages),
        ("POST", r"/abuses/(\d+)/messages", _write_message),
    )
]


def give_tokens(state: PeerTubeState, words: dict[str, str]) -> dict[str, Any]:
    """A new pair, which ends the one before it."""
    if (words.get("client_id"), words.get("client_secret")) != ("the-client", "its-secret"):
        raise Problem(400, "invalid_client")
    if words.get("grant_type") == "refresh_token":
        name, until = state.refresh.pop(words.get("refresh_token", ""), ("", 0.0))
        if until <= state.now():
            raise Problem(400, "invalid_grant")
    else:
        name = words.get("username", "")
        user = state.users.get(name)
        if user is None or not user.password or user.password != words.get("password") or user.blocked:
            raise Problem(400, "invalid_grant")
    for tokens in (state.access, state.refresh):
        for token in [token for token, (owner, _until) in tokens.items() if owner == name]:
            del tokens[token]
    access, refresh, now = token_hex(20), token_hex(20), state.now()
    state.access[access], state.refresh[refresh] = (name, now + _ACCESS_SECONDS), (name, now + _REFRESH_SECONDS)
    pair = {"token_type": "Bearer", "access_token": access, "refresh_token": refresh}
    return pair | {"expires_in": _ACCESS_SECONDS, "refresh_token_expires_in": _REFRESH_SECONDS}
