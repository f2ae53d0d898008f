"""Documents that say SPECIMEN all over, and numbers of right form that belong to nobody: for the demo and the tests."""

import io
import random
from datetime import date

from django.core.files.base import ContentFile
from PIL import Image, ImageDraw, ImageFont
from stdnum import luhn
from stdnum.cn import ric, uscc

_SIZE = (900, 640)
_INK, _PAPER, _MARK = (20, 30, 40), (250, 248, 240), (200, 60, 60)


def specimen_document(title: str, *lines: str, name: str = "specimen.png") -> "ContentFile[bytes]":
    """A picture of an invented document, with SPECIMEN across it."""
    image = Image.new("RGB", _SIZE, _PAPER)
    draw = ImageDraw.Draw(image)
    draw.rectangle((20, 20, _SIZE[0] - 20, _SIZE[1] - 20), outline=_INK, width=3)
    draw.text((60, 60), title, font=ImageFont.load_default(36), fill=_INK)
    for number, line in enumerate(lines):
        draw.text((60, 150 + 46 * number), line, font=ImageFont.load_default(24), fill=_INK)
    draw.text((250, 520), "SPECIMEN", font=ImageFont.load_default(72), fill=_MARK)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return ContentFile(buffer.getvalue(), name=name)


def specimen_identity_number(source: random.Random) -> str:
    """A Chinese identity number of right form, with a region that was never given out (999999)."""
    born = date(1960, 1, 1).toordinal() + source.randrange(14_000)
    body = f"999999{date.fromordinal(born):%Y%m%d}{source.randrange(1000):03d}"
    return body + ric.calc_check_digit(body + "0")


def specimen_doctor_number(source: random.Random, identity_number: str) -> str:
    """A Chinese doctor's qualification number that ends with an identity number."""
    return f"{source.randrange(10**9):09d}{identity_number}"


def specimen_social_credit_code(source: random.Random) -> str:
    """A unified social credit code of right form, with a region that was never given out."""
    body = f"91999999{source.randrange(10**9):09d}"
    return body + uscc.calc_check_digit(body)


def specimen_npi(source: random.Random) -> str:
    """An NPI of right form."""
    body = f"1{source.randrange(10**8):08d}"
    return body + luhn.calc_check_digit("80840" + body)


def specimen_digits(source: random.Random, count: int) -> str:
    """A number of so many digits that does not begin with 0."""
    return str(source.randrange(10 ** (count - 1), 10**count))
