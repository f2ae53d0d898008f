"""Static files as production serves them."""

from whitenoise.storage import CompressedManifestStaticFilesStorage

# As in Django's own pattern, which cannot be used: it reads examples in the comments of other packages' files, too.
_IMPORT = r"""(?P<matched>import(?s:(?P<import>[\s\{].*?))\s*from\s*["'](?P<url>[./].*?)["']\s*;)"""


class HashedStaticFiles(CompressedManifestStaticFilesStorage):
    """Names each file by its content, also where a script imports another: a module with two addresses runs twice."""

    patterns = (
        *CompressedManifestStaticFilesStorage.patterns,
        ("portal/js/*.js", ((_IMPORT, 'import%(import)s from "%(url)s";'),)),
    )
