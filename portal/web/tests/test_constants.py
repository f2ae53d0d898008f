"""What depends on nothing in a page is rendered once: for each language, and for each table of URLs."""

from unittest import mock

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.template import Context, TemplateSyntaxError, engines
from django.template.base import Template
from django.templatetags.i18n import TranslateNode
from django.test import override_settings
from django.utils import translation


def compiled(source: str) -> Template:
    template: Template = engines["django"].from_string(source).template  # type: ignore[attr-defined]
    return template


def test_text_is_looked_up_once_for_each_language() -> None:
    template = compiled('{% translate "Sign in" %}')
    with mock.patch.object(TranslateNode, "render", autospec=True, side_effect=["Sign in", "登录"]) as asked:
        for _time in range(2):
            with translation.override("en"):
                assert template.render(Context()) == "Sign in"
            with translation.override("zh-hans"):
                assert template.render(Context()) == "登录"
    assert asked.call_count == 2


def test_text_goes_into_the_context_each_time() -> None:
    template = compiled('{% translate "Sign in" as label %}[{{ label }}]')
    with translation.override("en"):
        assert [template.render(Context()) for _time in range(2)] == ["[Sign in]", "[Sign in]"]


@pytest.mark.parametrize("source", ["{% translate text %}", '{% translate text|default:"x" %}'])
def test_text_of_a_variable_is_asked_for_each_time(source: str) -> None:
    template = compiled(source)
    assert [template.render(Context({"text": text})) for text in ("a", "b")] == ["a", "b"]


def test_address_without_arguments_is_kept_and_one_with_arguments_is_not() -> None:
    constant = compiled('{% url "web:landing" %}')
    assert [constant.render(Context()) for _time in range(2)] == ["/", "/"]
    variable = compiled('{% url "certification:area" code %}')
    assert variable.render(Context({"code": "a"})) != variable.render(Context({"code": "b"}))


def test_address_that_does_not_exist_is_no_error_with_as() -> None:
    assert compiled('{% url "web:nowhere" as there %}[{{ there }}]').render(Context()) == "[]"


@pytest.mark.parametrize("tag", ['{% url "web:landing" %}', "{% static 'portal/favicon.svg' %}"])
def test_kept_address_belongs_to_its_settings(tag: str) -> None:
    template = compiled(tag)
    before = template.render(Context())
    with override_settings(STATIC_URL="/elsewhere/", ROOT_URLCONF="portal.bench.web_urls"):
        template.render(Context())
    assert template.render(Context()) == before


def test_wrong_tags_are_still_errors() -> None:
    with pytest.raises(TemplateSyntaxError):
        compiled("{% translate %}")


def test_options_of_a_choice_are_written_as_django_writes_them() -> None:
    choices = [("", "All & none"), ("Group", [("a", "A"), ("b", "<B>")])]
    attrs = {"class": "x", "required": True, "hidden": False}
    widget = forms.Select(attrs=attrs, choices=choices)
    ours, theirs = (widget.render("f", "b", renderer=renderer) for renderer in (None, DjangoTemplates()))
    assert ours.split() == theirs.split()
    assert "selected" in ours
