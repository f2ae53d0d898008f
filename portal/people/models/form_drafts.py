"""What somebody is writing in a form that is sent at once, kept until they send it."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from portal.people.models.people import User


class FormDraft(models.Model):
    """The texts of one form of one person, encrypted (portal/people/form_drafts.py). `form` names it."""

    person = models.ForeignKey(User, models.CASCADE, related_name="form_drafts", verbose_name=_("person"))
    form = models.CharField(_("form"), max_length=200)
    sealed = models.TextField(editable=False)
    saved_at = models.DateTimeField(_("saved at"))

    class Meta:
        verbose_name = _("unsubmitted text")
        verbose_name_plural = _("unsubmitted texts")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "form"], name="one_draft_of_a_form"),
        ]
        indexes: ClassVar = [models.Index(fields=["saved_at"], name="form_draft_by_age")]

    def __str__(self) -> str:
        return f"{self.person} {self.form}"
