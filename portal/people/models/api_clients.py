"""When API clients were last used; the clients themselves are rows of django-allauth."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ApiClientUse(models.Model):
    """The last use of one client, written at most once a minute. No foreign key: allauth's tables are made after these."""

    client = models.CharField(_("API client"), max_length=100, primary_key=True)
    last_used_at = models.DateTimeField(_("last used at"))

    class Meta:
        verbose_name = _("use of an API client")
        verbose_name_plural = _("uses of API clients")
        ordering = ("client",)

    def __str__(self) -> str:
        return self.client
