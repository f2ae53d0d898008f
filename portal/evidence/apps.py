"""Uploaded files: sniffed, opened, hashed, encrypted, rendered; every reading logged."""

from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    name = "portal.evidence"
