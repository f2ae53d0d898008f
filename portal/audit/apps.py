"""Append-only, hash-chained audit events; trail.record_event() is the only writer."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "portal.audit"
    append_only = ("AuditEvent",)
