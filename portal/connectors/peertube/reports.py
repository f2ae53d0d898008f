"""Abuse reports of the kind `rights` about videos: read, answered, and their reporters written to.

Nothing rests on the answer to a change: what stands there is read before and after it.
"""

from collections.abc import Mapping
from typing import Any

from portal.connectors import members
from portal.connectors.peertube import answers
from portal.connectors.peertube.api import Api
from portal.outbound.http import change_and_read_back
from portal.platforms import Report

_PENDING, _REJECTED, _ACCEPTED = 1, 2, 3
_LONGEST_TEXT = 3_000


class PeerTubeReports:
    """Implements the protocol of reports."""

    def __init__(self, api: Api, base_url: str) -> None:
        self._api, self._base_url = api, base_url

    def open_reports(self) -> list[Report]:
        """Those that are pending, page by page; those whose reporter or video is gone are left to the moderators."""
        asked = {"state": _PENDING, "predefinedReason": "rights", "sort": "createdAt"}
        rows = {row["id"]: row for page in self._api.pages("/abuses", **asked) for row in page if "id" in row}
        found = (self._read(row) for row in rows.values())
        return [report for report in found if report is not None]

    def tell_reporter(self, report_id: str, text: str) -> None:
        """Write to the reporter as a moderator, unless the text stands there already."""
        path, text = f"/abuses/{_number(report_id)}/messages", text[:_LONGEST_TEXT]

        def is_there() -> bool:
            return any(row.get("message") == text for row in members.rows(self._api.get(path), "data"))

        if not is_there():
            change_and_read_back(lambda: self._api.change("POST", path, {"message": text}), is_there)

    def answer_report(self, report_id: str, *, accepted: bool, comment: str, before: bool | None) -> None:
        """Set the report's state and comment, unless a moderator has answered it otherwise."""
        state, number = _state(accepted), _number(report_id)
        now = self._state_of(number)
        if now == state or now not in {_PENDING, _state(before)}:
            return
        body = {"state": state, "moderationComment": comment[:_LONGEST_TEXT]}
        change_and_read_back(
            lambda: self._api.change("PUT", f"/abuses/{number}", body), lambda: self._state_of(number) == state
        )

    def _state_of(self, number: int) -> int:
        found = members.rows(self._api.get("/abuses", id=number, count=1), "data")
        if not found:
            raise members.UnknownAnswer("the report is not listed")
        return members.count(members.part(found[0], "state").get("id"))

    def _read(self, row: Mapping[str, Any]) -> Report | None:
        video, reporter = row.get("video"), row.get("reporterAccount")
        if not isinstance(video, Mapping) or video.get("deleted") is True or not isinstance(reporter, Mapping):
            return None
        reporter_id = answers.account_id(reporter, self._base_url)
        return Report(
            id=str(members.count(row["id"])),
            reporter_id=reporter_id,
            work_id=members.member(video, "uuid"),
            text=str(row.get("reason") or ""),
            start=_second(video.get("startAt")),
            end=_second(video.get("endAt")),
            is_local="@" not in reporter_id,
        )


def _state(accepted: bool | None) -> int:  # noqa: FBT001 -- one of three values
    return _PENDING if accepted is None else _ACCEPTED if accepted else _REJECTED


def _number(report_id: str) -> int:
    return int(report_id)


def _second(given: Any) -> int | None:
    """A moment of the video; other forms than seconds are not used."""
    return given if isinstance(given, int) and not isinstance(given, bool) and given >= 0 else None
