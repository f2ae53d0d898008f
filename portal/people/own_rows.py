"""Pages of the admin that leave out what is about the person who looks, or about those whom their agency acts for."""

from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.db.models import Q, QuerySet
from django.http import HttpRequest

from portal import clock
from portal.audit.admin_pages import ReadOnlyAdmin
from portal.people.mandates import own_circle

if TYPE_CHECKING:
    from portal.people.models import User


class OthersRowsAdmin(ReadOnlyAdmin):
    """`own_people` are the paths from a row to the people whom it is about."""

    own_people: ClassVar[tuple[str, ...]]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Without the person's own rows: they would tell who has their case, and how it stands with colleagues."""
        circle = own_circle(cast("User", request.user), clock.now()).values("pk")
        own = Q()
        for path in self.own_people:
            own |= Q(**{f"{path}__in": circle})
        return super().get_queryset(request).exclude(own)
