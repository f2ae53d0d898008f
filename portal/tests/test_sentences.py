"""Sentences in a row: with a space between them, and without it after full-width punctuation."""

import pytest
from django.template import Context, Template
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from portal.texts import join_sentences


@pytest.mark.parametrize(
    ("parts", "joined"),
    [
        (("One.", "Two."), "One. Two."),
        (("One.", ""), "One."),
        (("已收到。", "请稍候。"), "已收到。请稍候。"),
        (("账号: 测试",), "账号：测试"),
        (("<strong>沙盒:</strong> 平台",), "<strong>沙盒：</strong>平台"),
        (("<strong>平台条款</strong>. 适用",), "<strong>平台条款</strong>。适用"),
        (("10:30, 3.5",), "10:30, 3.5"),
    ],
)
def test_sentences_are_joined_as_their_language_does(parts: tuple[str, ...], joined: str) -> None:
    assert join_sentences(*parts) == joined


def test_a_joined_text_stays_lazy() -> None:
    text = join_sentences(_("Save"), _("Save"))
    assert str(text) == "Save Save"
    with translation.override("zh-hans"):
        assert str(text) == "保存 保存"


def test_a_template_joins_what_stands_in_the_block() -> None:
    template = Template("{% load ui %}<p>{% sentences %}{% if a %}{{ a }}{% endif %}\n  {{ b }}{% endsentences %}</p>")
    assert template.render(Context({"a": "已收到。", "b": "<b>"})) == "<p>已收到。&lt;b&gt;</p>"
    assert template.render(Context({"a": "Received.", "b": "Wait."})) == "<p>Received.\n  Wait.</p>"
