"""What is answered when the database does not answer in time: 503 with the advice to try again, not an error of ours."""

import sys
from http import HTTPStatus

import psycopg
import psycopg_pool
from django.db import Error, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import requires_csrf_token
from django.views.defaults import server_error

from portal.web.plain_problems import API, problem_answer

RETRY_SECONDS = 10
BUSY_DETAIL = gettext_lazy("The system is busy. Please try again in a few seconds.")
# A statement or a wait for a lock took too long, a transaction idled, or no connection was to be had.
_BUSY = (
    psycopg.errors.QueryCanceled,
    psycopg.errors.LockNotAvailable,
    psycopg.errors.IdleInTransactionSessionTimeout,
    psycopg.errors.AdminShutdown,
    psycopg.errors.TooManyConnections,
    psycopg_pool.PoolTimeout,
)


def is_busy(error: BaseException | None) -> bool:
    """Whether the error says that the database had no time for us, or was not there, and may have it in a moment."""
    if not isinstance(error, Error):
        return False
    cause = error.__cause__
    # Without a code of the server, it is a connection that could not be made or was lost.
    unreachable = isinstance(error, OperationalError | InterfaceError)
    lost = unreachable and isinstance(cause, psycopg.Error) and cause.sqlstate is None
    return lost or isinstance(cause, _BUSY)


@requires_csrf_token
def error_page(request: HttpRequest) -> HttpResponse:
    """The page of an error that nobody handled: 503 when the database was busy, else 500. Neither asks the database."""
    busy = is_busy(sys.exc_info()[1])
    if request.path.startswith(API):
        if not busy:
            return problem_answer(HTTPStatus.INTERNAL_SERVER_ERROR, _("Something went wrong on our side."))
        return problem_answer(HTTPStatus.SERVICE_UNAVAILABLE, BUSY_DETAIL, {"Retry-After": str(RETRY_SECONDS)})
    if not busy:
        return server_error(request)
    # A page can be asked for again; what was sent is sent from its form.
    again = request.get_full_path() if request.method in {"GET", "HEAD"} else ""
    text = render_to_string("503.html", {"again": again})
    return HttpResponse(text, status=HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": str(RETRY_SECONDS)})
