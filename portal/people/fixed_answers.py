"""Fixed answers of the API for test clients: what engineers write their programs against, without a single real row.

Every view that takes tokens of API clients has this mixin, and `requires_scope` refuses a test client anywhere else.
"""

from typing import TYPE_CHECKING, Any

from rest_framework.request import Request
from rest_framework.response import Response

from portal.people.tokens import is_test_request

# Says on every answer to a test client that nothing in it is real.
TEST_HEADER = "X-Portal-Test"
TEST_VALUE = "fixed-answers"

if TYPE_CHECKING:
    from rest_framework.views import APIView

    _View = APIView
else:
    _View = object


class FixedAnswers(_View):
    """Mixin of API views, before the others: `fixed_get` and `fixed_post` answer test clients instead of `get` and `post`.

    They run after the checks of token, scope and quota, and read and refuse requests as the real ones do.
    """

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """After the checks, put the fixed answer in the place of the handler; a method without one is not allowed."""
        super().initial(request, *args, **kwargs)
        if is_test_request(request):
            method = (request.method or "").lower()
            if method in {"get", "post"}:
                setattr(self, method, getattr(self, f"fixed_{method}", self.http_method_not_allowed))

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """The answer, with the header that tells a test client's."""
        answered = super().finalize_response(request, response, *args, **kwargs)
        if is_test_request(request):
            answered[TEST_HEADER] = TEST_VALUE
            # Public answers are kept by caches; these are for nobody else.
            answered["Cache-Control"] = "private, no-store"
        return answered
