"""The components: what they say, and that nothing in them is inline or unescaped."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from portal import clock
from portal.web import charts
from portal.web.templatetags.ui import TONES, avatar

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def render(source: str, **context: Any) -> str:
    context.setdefault("request", RequestFactory().get("/list/?area=law"))
    return Template("{% load ui %}" + source).render(Context(context))


@pytest.mark.parametrize("tone", TONES)
def test_a_tone_is_never_colour_alone(tone: str) -> None:
    assert "<svg" in render("{% pill 'x' tone %}", tone=tone)
    assert "<svg" in render("{% callout tone 'x' %}y{% endcallout %}", tone=tone)


def test_an_unknown_tone_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        render("{% pill 'x' 'pink' %}")


@pytest.mark.parametrize(
    "source",
    [
        "{% pill evil 'ok' %}",
        "{% avatar evil %}",
        "{% page_header evil lead=evil back=evil back_url='/x/' %}{% endpage_header %}",
        "{% card evil %}{{ evil }}{% endcard %}",
        "{% empty evil %}{{ evil }}{% endempty %}",
        "{% callout 'bad' evil %}{{ evil }}{% endcallout %}",
        "{% figure evil evil %}{{ evil }}{% endfigure %}",
        "{% facts rows %}",
        "{% bars bars evil %}",
        "{% sparkline values evil %}",
        "{% meter 1 2 evil evil %}",
        "{% progress None 2 evil %}",
        "{% tabs items evil %}",
        "{% steps items %}",
        "{% timeline timeline %}",
        "{% qr evil evil %}",
        "{% data_table evil %}{{ evil }}{% enddata_table %}",
    ],
)
def test_text_is_escaped_and_nothing_is_inline(source: str) -> None:
    evil = "<b onclick=x>\"'&"
    html = render(
        source,
        evil=evil,
        rows=[(evil, evil)],
        bars=[(evil, 1)],
        values=[1, 2],
        items=[{"label": evil, "url": "/x/"}],
        timeline=[{"title": evil, "text": evil, "by": evil, "at": NOW}],
    )
    assert "<b " not in html
    assert " style=" not in html
    assert "<style" not in html
    assert " on" not in html.replace("&lt;b on", "")


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Ana", "A"), ("Demo creator A", "DA"), ("ana belen cruz", "AC"), ("王小明", "明"), ("", "?"), ("  ", "?")],
)
def test_initials(name: str, letters: str) -> None:
    assert f">{letters}<" in avatar(name)


@pytest.mark.parametrize(
    ("ago", "text"),
    [
        (timedelta(), "just now"),
        (timedelta(seconds=59), "just now"),
        (-timedelta(seconds=59), "now"),
        (timedelta(minutes=2), "2\xa0minutes ago"),
        (timedelta(days=1, hours=23), "2\xa0days ago"),
        (-timedelta(days=729), "in 2\xa0years"),
        (-timedelta(days=7, seconds=-1), "in 7\xa0days"),
        (timedelta(minutes=59, seconds=45), "1\xa0hour ago"),
        (-timedelta(hours=3, minutes=10), "in 3\xa0hours"),
    ],
)
def test_how_far_a_moment_is(ago: timedelta, text: str) -> None:
    with clock.freeze_time(NOW):
        assert f">{text}<" in render("{% moment at 'relative' %}", at=NOW - ago)


def test_a_moment_stands_in_the_reader_s_zone() -> None:
    with clock.freeze_time(NOW):
        assert "4 Mar 2026, 05:06 UTC (just now)" in render("{% moment at %}", at=NOW)
        assert "4 Mar 2026, 05:06:07 UTC" in render("{% moment at 'seconds' %}", at=NOW)
        with timezone.override("Asia/Shanghai"):
            assert ">4 Mar 2026, 13:06 (just now)<" in render("{% moment at %}", at=NOW)
        with translation.override("zh-hans"):
            assert "2026年3月4日" in render("{% moment at 'date' %}", at=NOW)
    assert render("{% moment at %}", at=None) == "–"


class Filters(forms.Form):
    area = forms.CharField(required=False)
    state = forms.CharField(required=False)


def test_a_filter_bar_can_be_emptied_only_when_it_filters() -> None:
    shown = render("{% filter_bar form %}", form=Filters({"area": "law"}))
    assert 'value="law"' in shown
    assert "Show all" in shown
    request = RequestFactory().get("/list/?cursor=x")
    assert "Show all" not in render("{% filter_bar form %}", form=Filters({}), request=request)


def test_an_error_is_beside_its_field_and_linked_from_the_top() -> None:
    class Needy(forms.Form):
        name = forms.CharField(help_text="as on paper")
        colour = forms.ChoiceField(choices=[("r", "Red")], widget=forms.RadioSelect)

    html = render("{{ form }}", form=Needy({}))
    assert 'href="#id_name"' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'id="id_name_error"' in html
    assert 'aria-invalid="true"' in html
    assert '<a href="#id_colour_0">' in html
    assert html.index("error-summary") < html.index('for="id_name"')


def test_an_error_at_the_top_is_punctuated_as_its_language_and_its_field_demand() -> None:
    class Needy(forms.Form):
        name = forms.CharField(label="名称", error_messages={"required": "请填写名称。"})
        consent = forms.BooleanField(label="I agree.", error_messages={"required": "Please agree."})

    html = render("{{ form }}", form=Needy({}))
    assert "名称</a>：请填写名称。" in html
    assert "I agree.</a> Please agree." in " ".join(html.split())


@given(st.lists(st.tuples(st.text(max_size=3), st.integers(0, 10**9)), max_size=40))
def test_bars_stand_inside_the_picture(rows: list[tuple[str, int]]) -> None:
    drawn = charts.bar_geometry(rows, width=640, base=170)
    assert [(bar.label, bar.value) for bar in drawn] == rows
    for bar in drawn:
        assert bar.x >= 0
        assert bar.x + bar.width <= 640.2
        assert bar.top + 20 > 0
        assert bar.y + bar.height == pytest.approx(170, abs=0.11)


@given(st.lists(st.floats(-1e6, 1e6), max_size=40))
def test_lines_stay_inside_the_picture(values: list[float]) -> None:
    drawn = charts.line_points(values, width=120, height=32)
    assert len(drawn) == len(values)
    assert all(0 <= x <= 120 and 0 <= y <= 32 for x, y in drawn)


def test_no_full_stop_stands_behind_a_moment() -> None:
    """Each language has its own, and its own place for the time: it belongs into the translated sentence."""
    found = [
        f"{path.name}: {found}"
        for path in (settings.BASE_DIR / "templates").rglob("*.html")
        for found in re.findall(r"\{% moment (?:(?! as )[^%])+%\}\s*[.,;]", path.read_text())
    ]
    assert found == []


def test_a_stacked_bar_fills_its_width_and_hides_no_small_part() -> None:
    parts = charts.stack_geometry([("a", 9_990, "ok"), ("b", 10, "info"), ("c", 0, "muted")], width=600)
    assert [(part.label, part.value, part.percent) for part in parts] == [("a", 9_990, 100), ("b", 10, 0)]
    assert parts[1].width > 3
    assert round(parts[1].x + parts[1].width) == 600
    assert charts.stack_geometry([("a", 0, "ok")], width=600) == []


def test_every_card_of_the_templates_has_padding() -> None:
    card = re.compile(
        r'<(?:article|section|div) class="card(?=[ "])([^"]*)"[^>]*>\s*'
        r'(?:<details[^>]*>\s*)?(<(?:div|summary) class="card-body)?'
    )
    bare = [
        str(path.relative_to(settings.BASE_DIR))
        for path in (settings.BASE_DIR / "templates").rglob("*.html")
        for classes, body in card.findall(re.sub(r"{%.*?%}|{#.*?#}", "", path.read_text(), flags=re.DOTALL))
        if not body and not {"table-card", "card-body"} & set(classes.split())
    ]
    assert bare == []
