"""People: users, roles and permissions in code, second factor, agencies and mandates."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "portal.accounts"
