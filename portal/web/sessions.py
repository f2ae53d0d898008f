"""The session's cookie outlives answers to scripts."""

from django.conf import settings
from django.contrib.sessions import middleware
from django.http import HttpRequest, HttpResponse


class SessionMiddleware(middleware.SessionMiddleware):
    """Removes the cookie of an ended session with a page only, never with the answer to a script.

    A script of one tab may ask with the old cookie while somebody signs in in another tab: its late answer would remove the new
    cookie, and sign them out. Browsers say what an answer is for in `Sec-Fetch-Mode`, over HTTPS and on localhost.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        response = super().process_response(request, response)
        cookie = response.cookies.get(settings.SESSION_COOKIE_NAME)
        if cookie is not None and not cookie.value and request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate":
            del response.cookies[settings.SESSION_COOKIE_NAME]
        return response
