"""Answers that a connector does not believe, and refusals of the portal's credentials: noted, so that staff see them."""

from portal.outbound.http import traffic
from portal.outbound.models import FailureKind
from portal.platforms.protocol import AccessRefused, BrokenAnswer, PlatformError


def note_fault(platform: str, error: PlatformError) -> None:
    """Note an error of either kind; the HTTP client notes what it finds wrong itself (http/client.py)."""
    if isinstance(error, AccessRefused):
        traffic.record_fault(platform, FailureKind.ACCESS_REFUSED, error.status)
    elif isinstance(error, BrokenAnswer):
        traffic.record_fault(platform, FailureKind.WRONG_ANSWER, None)
