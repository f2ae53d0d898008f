"""The public pages, for search engines: nothing that asks for a sign-in, and no certificate that is over."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.sitemaps import Sitemap
from django.db.models import QuerySet
from django.urls import reverse

from certification.models import Certificate, KeyArea

_PAGES = ("web:landing", "web:about", "certification:register", "certification:areas")
_HELP = ("web:terms", "web:privacy", "web:contact")


class PageSitemap(Sitemap):  # type: ignore[type-arg]
    """Pages that are there once."""

    def items(self) -> Iterable[str]:
        """Names of URLs."""
        return (*_PAGES, *_HELP)

    def location(self, item: str) -> str:
        """The path of the page."""
        return reverse(item)


class AreaSitemap(Sitemap):  # type: ignore[type-arg]
    """What each open area asks for."""

    def items(self) -> QuerySet[KeyArea]:
        """The areas for which one can apply."""
        return KeyArea.objects.open().order_by("code")

    def location(self, item: KeyArea) -> str:
        """The page of the area."""
        return reverse("certification:area", args=[item.code])


class CertificateSitemap(Sitemap):  # type: ignore[type-arg]
    """Certificates that are valid now, the newest first."""

    limit = 5_000

    def items(self) -> QuerySet[Certificate]:
        """Rows with what their addresses need."""
        return Certificate.objects.valid_now().only("serial", "valid_from").order_by("-valid_from", "-pk")

    def lastmod(self, item: Certificate) -> datetime:
        """When it was issued: a certificate in force has not changed since."""
        return item.valid_from


SITEMAPS = {"pages": PageSitemap, "areas": AreaSitemap, "certificates": CertificateSitemap}
