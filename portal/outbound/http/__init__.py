"""The HTTP client through which connectors call platforms: bounded, paced for all workers together, and kept from private networks.

A connector makes one `PlatformClient` when the process starts, which does no I/O, and calls it from jobs only. What
is said of a call (errors.py) names the platform and the kind of fault, never an address, a header or a body.
"""

from portal.outbound.http.answers import Answer
from portal.outbound.http.client import PlatformClient
from portal.outbound.http.client_settings import ClientSettings
from portal.outbound.http.errors import BreakerOpen, Busy, CallError, NoAnswer, QuotaUsed, Refused, WrongAnswer
from portal.outbound.http.read_back import change_and_read_back, send_change
from portal.outbound.http.requests import path_segment

__all__ = [
    "Answer",
    "BreakerOpen",
    "Busy",
    "CallError",
    "ClientSettings",
    "NoAnswer",
    "PlatformClient",
    "QuotaUsed",
    "Refused",
    "WrongAnswer",
    "change_and_read_back",
    "path_segment",
    "send_change",
]
