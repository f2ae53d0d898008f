"""Calls of MediaCMS's API as the portal's account, by its token, and lists read page by page."""

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO
from urllib.parse import urljoin

from portal.connectors import members
from portal.connectors.mediacms import answers
from portal.outbound.http import PlatformClient, WrongAnswer, path_segment
from portal.platforms import Unknown

# A list of works ends after 1,000 of them, those of users may be longer; one whose pages never end is stopped here.
_MOST_PAGES, _LARGEST_PAGE = 200, 1_000
_FOUND = frozenset({200, 206})


class Api:
    """MediaCMS's API below /api/v1. Every call raises Unknown or PlatformError."""

    def __init__(self, client: PlatformClient, base_url: str, token: str) -> None:
        self._client, self._base_url = client, base_url
        self._headers = {"Authorization": f"Token {token}"}

    def get(self, path: str, **query: Any) -> Any:
        """What a path says."""
        answer = self._client.call("GET", f"/api/v1{path}", query=query or None, headers=self._headers)
        return answers.read_success(answer)

    def pages(self, path: str, **query: Any) -> Iterator[list[Mapping[str, Any]]]:
        """The pages of a list. The next one is asked for by its number: whatever address the answer names is not followed."""
        before: list[Mapping[str, Any]] = []
        for number in range(1, _MOST_PAGES + 1):
            try:
                given = self.get(path, **query, **({"page": number} if number > 1 else {}))
            except Unknown:
                if number == 1:
                    raise
                return  # The list has become shorter meanwhile.
            found = members.rows(given, "results")
            if len(found) > _LARGEST_PAGE or (found and found == before):
                break
            yield found
            if not given.get("next"):
                return
            before = found
        raise members.UnknownAnswer("the platform's list does not end")

    def account_name(self) -> str:
        """The name of the portal's account."""
        return members.member(self.get("/whoami"), "username")

    def is_editor(self, name: str) -> bool:
        """Whether an account may do what editors do. Whoever may not is not shown the list of them."""
        try:
            pages = (self.pages("/manage_users", role=role) for role in ("editor", "manager"))
            return any(row.get("username") == name for found in pages for page in found for row in page)
        except (answers.CredentialsRefused, answers.NotAllowed):
            return False

    def user(self, name: str) -> Mapping[str, Any]:
        """A user; names are told apart by upper and lower case."""
        given: Mapping[str, Any] = self.get(f"/users/{path_segment(name)}")
        told = members.member(given, "username")
        if told.lower() != name.lower():
            raise members.UnknownAnswer("the platform answered with another account than it was asked for")
        if told != name:
            raise Unknown(name)
        return given

    def work(self, work_id: str) -> Mapping[str, Any]:
        """A work, also one that is private."""
        given: Mapping[str, Any] = self.get(f"/media/{path_segment(work_id)}")
        if answers.told_id(given) not in {"", work_id}:
            raise members.UnknownAnswer("the platform answered with another video than it was asked for")
        return given

    def works_of(self, name: str) -> Iterator[Mapping[str, Any]]:
        """The works of a user in every state, the first 1,000."""
        for page in self.pages("/media", author=name):
            yield from page

    def take_work(self, work_id: str) -> None:
        """Become the owner of a work: a change without a single field leaves its text as it is. Sent once."""
        path = f"/api/v1/media/{path_segment(work_id)}"
        answers.read_success(self._client.call("PUT", path, headers=self._headers, repeatable=False))

    def change_own_work(self, work_id: str, action: str, **facts: str) -> None:
        """One of the actions that MediaCMS allows to owners. Sent once."""
        body = {"media_ids": [work_id], "action": action, **facts}
        path = "/api/v1/media/user/bulk_actions"
        answers.read_success(self._client.call("POST", path, json=body, headers=self._headers, repeatable=False))

    def contact(self, name: str, text: str) -> None:
        """Have a mail sent to a user; the answer is the same where none is. Sent once."""
        path = f"/api/v1/users/{path_segment(name)}/contact"
        answer = self._client.call("POST", path, json={"body": text}, headers=self._headers, repeatable=False)
        answers.require_no_content(answer)

    def open_file(self, address: str, *, largest: int) -> BinaryIO:
        """A file at one of the platform's own addresses. The token is not sent: MediaCMS looks at sessions only."""
        return self._client.open(self._absolute(address), largest=largest)

    def is_reachable(self, address: str) -> bool:
        """Whether anybody can have a file at one of the platform's own addresses."""
        try:
            answer = self._client.call("GET", self._absolute(address), headers={"Range": "bytes=0-0", "Accept": "*/*"})
        except WrongAnswer as error:
            return error.status in _FOUND  # The whole file, which is more than an answer may have.
        return answer.status in _FOUND

    def _absolute(self, address: str) -> str:
        return urljoin(f"{self._base_url}/", address)
