"""Certification in key areas: applications, checks, decisions, certificates, the public register."""

from django.apps import AppConfig


class CertificationConfig(AppConfig):
    name = "certification"
