"""Errors that rules raise. portal/web/middleware.py turns them into pages, portal/web/problems.py into API answers."""

from collections.abc import Mapping, Sequence
from typing import Self

from django.utils.functional import Promise

Text = str | Promise


class DomainError(Exception):
    """A rule refused. `message` is a sentence for the person who asked, in their language."""

    status = 400
    code = "refused"

    def __init__(self, message: Text, *, code: str | None = None) -> None:
        super().__init__(str(message))
        self.message = message
        self.code = code or self.code


class NotAllowed(DomainError):
    """This person may not do this to this object (HTTP 403)."""

    status = 403
    code = "not_allowed"


class Conflict(DomainError):
    """The object was changed concurrently (HTTP 409)."""

    status = 409
    code = "conflict"


class Invalid(DomainError):
    """What was given is wrong; `fields` maps a field's name to its sentences (HTTP 422)."""

    status = 422
    code = "invalid"

    def __init__(self, message: Text, *, fields: Mapping[str, Sequence[Text]] | None = None) -> None:
        super().__init__(message)
        self.fields = dict(fields or {})

    @classmethod
    def at(cls, field: str, sentence: Text) -> Self:
        """One sentence, beside one field."""
        return cls(sentence, fields={field: [sentence]})

    @classmethod
    def of(cls, fields: Mapping[str, Sequence[Text]]) -> Self:
        """Several fields that are wrong; the message is the first of their sentences."""
        return cls(next(iter(fields.values()))[0], fields=fields)


def require_allowed(refusal: Text | None) -> None:
    """Raise NotAllowed with the sentence that a policy returned; None means that it does not refuse."""
    if refusal:
        raise NotAllowed(refusal)
