"""Requests to erase personal data in the admin: who asked, by public id, and how far it is. Nothing of the data."""

from typing import ClassVar

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from portal.audit.admin_pages import AdminSection, StateFilter, public_id_column
from portal.people.own_rows import OthersRowsAdmin
from portal.privacy.models import Erasure


@admin.register(Erasure)
class ErasureAdmin(OthersRowsAdmin):
    """Erasures, newest first."""

    section = AdminSection.RECORDS
    own_people: ClassVar = ("person",)
    asked_by = public_id_column("person", _("person"))
    list_display = ("asked_at", "asked_by", "state", "due_at", "held_until", "ended_at")
    fields = ("asked_by", "state", "asked_at", "due_at", "held_until", "begun_at", "ended_at")
    list_display_links = ("asked_at",)
    list_filter = (StateFilter,)
    list_select_related = ("person",)
    search_fields = ("=person__public_id",)
    search_help_text = _("An exact person (p_…).")
