"""Where the system's Chromium is; Playwright's own download is not needed."""

import os
import shutil
from pathlib import Path

_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
MISSING = "no Chromium here: install it (on Debian: apt install chromium fonts-noto-cjk) or name one in CHROMIUM"


def chromium_path() -> str | None:
    """Path of the browser, or None."""
    named = os.environ.get("CHROMIUM", "")
    found = next((path for name in (named, *_NAMES) if name and (path := shutil.which(name))), None)
    return found or (str(_MAC) if _MAC.exists() else None)
