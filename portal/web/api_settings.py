"""Settings of the API's framework and of its schema, which no environment changes; portal/settings.py takes them over."""

from typing import Any, Final

REST_FRAMEWORK: Final[dict[str, Any]] = {
    "DEFAULT_SCHEMA_CLASS": "drf_standardized_errors.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "drf_standardized_errors.handler.exception_handler",
    # Each view declares its authentication; the default is none.
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": ["portal.web.quotas.Quota"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["portal.web.parsing.BoundedJSONParser"],
}
DRF_STANDARDIZED_ERRORS: Final = {"EXCEPTION_HANDLER_CLASS": "portal.web.problems.ProblemHandler"}
_ERROR_ENUMS = ["ValidationErrorEnum", "ClientErrorEnum", "ServerErrorEnum"]
_ERROR_ENUMS += [f"ErrorCode{status}Enum" for status in (401, 403, 404, 405, 406, 415, 429, 500)]
SPECTACULAR_SETTINGS: Final[dict[str, Any]] = {
    "TITLE": "Creator Trust Portal API",
    "DESCRIPTION": "The register of certificates, the publishing gate, and the status of applications.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "ApplicationStateEnum": "certification.states.ApplicationState",
        "CertificateStateEnum": "certification.states.CertificateState",
        "GateCodeEnum": "certification.api.serializers.GATE_CODES",
        **{name: f"drf_standardized_errors.openapi_serializers.{name}" for name in _ERROR_ENUMS},
    },
}
