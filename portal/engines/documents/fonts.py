"""Fonts for pages that do not embed their own. Runs in the child only.

Older office and government software leaves Chinese, Japanese and Korean fonts out of its PDF files. The letters are then
drawn with Noto Sans CJK, which is installed with the portal, so that a page looks alike on every machine.
"""

import ctypes
import importlib.util
from pathlib import Path

import pypdfium2.raw as pdfium

# Where PDFium looks by default on Linux; a list of one's own replaces it.
_SYSTEM = (
    "/usr/share/fonts",
    "/usr/share/X11/fonts/Type1",
    "/usr/share/X11/fonts/TTF",
    "/usr/local/share/fonts",
)
_kept: list[object] = []  # PDFium reads the paths later; the array must outlive the call


def install_fonts() -> None:
    """Start PDFium again with the portal's own fonts before those of the system. No document may be open."""
    places = [str(own_fonts()), *_SYSTEM]
    paths = (ctypes.c_char_p * (len(places) + 1))(*(place.encode() for place in places), None)
    config = pdfium.FPDF_LIBRARY_CONFIG(version=2)
    config.m_pUserFontPaths = ctypes.cast(paths, type(config.m_pUserFontPaths))
    pdfium.FPDF_DestroyLibrary()
    pdfium.FPDF_InitLibraryWithConfig(config)
    _kept[:] = [paths, config]


def own_fonts() -> Path:
    """The folder of Noto Sans CJK, which comes as a Python package."""
    found = importlib.util.find_spec("noto_cjk_sans_otc")
    if found is None or found.origin is None:
        message = "the package noto-cjk-sans-otc is not installed"
        raise RuntimeError(message)
    return Path(found.origin).parent
