"""Find the browser for tests that click."""

import os
import shutil

from support.missing import skip_or_fail

__all__ = ["chromium_path"]


def chromium_path() -> str:
    """Return the path of Chromium: ``USERLINK_CHROMIUM``, or what the machine has; skip where it has none."""
    chosen = os.environ.get("USERLINK_CHROMIUM")
    found = chosen or shutil.which("chromium") or shutil.which("chromium-browser")
    found = found or shutil.which("google-chrome")
    if found is None:
        skip_or_fail(
            "There is no Chromium: install it (apt-get install chromium), or name one in USERLINK_CHROMIUM."
        )
    return found
