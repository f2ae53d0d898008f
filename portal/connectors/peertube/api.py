"""Calls of PeerTube's API as the portal's account: signed in, again where a token has ended, and lists read page by page."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO

from portal.connectors import members
from portal.connectors.peertube import answers
from portal.connectors.peertube.sessions import AccessToken, CredentialsRefused, Sessions
from portal.outbound.http import Answer, PlatformClient, WrongAnswer

PAGE = 100
# More than any account has; a list whose pages never end is stopped here.
_MOST_PAGES = 2_000
_UNAUTHORIZED = 401


class Api:
    """PeerTube's API below /api/v1."""

    def __init__(self, client: PlatformClient, sessions: Sessions) -> None:
        self._client, self._sessions = client, sessions

    def get(self, path: str, **query: Any) -> Any:
        """What a path says; raises Unknown, PlatformError."""
        return self._call("GET", path, query=query or None).json()

    def change(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> None:
        """Make a change, which is sent once; raises Unknown, PlatformError."""
        self._call(method, path, json=body, repeatable=False)

    def pages(self, path: str, **query: Any) -> Iterator[list[Mapping[str, Any]]]:
        """The pages of a list. What leaves the list meanwhile moves the others up, so that one of them may be passed over."""
        before: list[Mapping[str, Any]] = []
        for number in range(_MOST_PAGES):
            found = members.rows(self.get(path, **query, start=number * PAGE, count=PAGE), "data")
            if len(found) > PAGE or (found and found == before):
                break
            yield found
            if len(found) < PAGE:
                return
            before = found
        raise members.UnknownAnswer("the platform's list does not end")

    def open(self, address: str, *, largest: int) -> BinaryIO:
        """A file at one of the platform's own addresses."""

        def fetch(token: AccessToken) -> BinaryIO:
            return self._client.open(address, largest=largest, headers=token.headers)

        token = self._sessions.access_token()
        try:
            return fetch(token)
        except WrongAnswer as wrong:
            if wrong.status != _UNAUTHORIZED:
                raise
            return fetch(self._sessions.access_token(refused=token.version))

    def _call(self, method: str, path: str, **given: Any) -> Answer:
        return answers.require_success(
            self._signed_in(
                lambda token: self._client.call(method, f"/api/v1{path}", headers=token.headers, **given),
            )
        )

    def _signed_in(self, call: Callable[[AccessToken], Answer]) -> Answer:
        """The answer to a call, made again with another token where PeerTube refuses the first: then it has done nothing."""
        token = self._sessions.access_token()
        answer = call(token)
        if answer.status == _UNAUTHORIZED:
            answer = call(self._sessions.access_token(refused=token.version))
        if answer.status == _UNAUTHORIZED:
            raise CredentialsRefused("the platform refuses a token that it has just given")
        return answer
