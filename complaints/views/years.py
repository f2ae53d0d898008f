"""How many followers returned each year, for everybody."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from complaints.models import YearlyReturn


@require_safe
def yearly_returns_page(request: HttpRequest) -> HttpResponse:
    """The figures by year, latest first, as a job counted them."""
    return render(request, "complaints/yearly_returns.html", {"years": list(YearlyReturn.objects.all())})
