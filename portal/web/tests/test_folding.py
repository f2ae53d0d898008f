"""Folded templates say what they said before, in every language, and keep what changes."""

from django.template import Context, Template, engines
from django.template.base import NodeList
from django.utils import translation

from portal.web.folding import Folded, fold_nodes

SOURCE = """{% load i18n static ui %}<p>{% translate "Close" %}{% static "portal/favicon.svg" %}{% url "web:about" %}</p>
{% if shown %}{% icon "search" %} {% translate "Close" %}: {{ name }}{% else %}{% translate "Close" %}{% endif %}
{% for row in rows %}<i>{% translate "Close" %}{{ row }}</i>{% endfor %}{% translate "Close" as word %}{{ word }}
{% translate name %}{% url target %}{% blocktranslate %}Hello {{ name }}{% endblocktranslate %}"""


def both(**values: object) -> tuple[str, str]:
    """What the template gives before and after folding."""
    plain, folded = Template(SOURCE), Template(SOURCE)
    fold_nodes(folded.nodelist)
    return plain.render(Context(values)), folded.render(Context(values))


def folded_in(nodes: NodeList) -> list[Folded]:
    return [node for node in nodes if isinstance(node, Folded)]


def test_folding_changes_no_word() -> None:
    for language in ("en", "zh-hans", "en"):
        with translation.override(language):
            for shown in (True, False):
                values = {"shown": shown, "rows": [1, 2], "name": "<Li>", "target": "web:landing"}
                plain, folded = both(**values)
                assert folded == plain


def test_what_depends_on_the_request_is_worked_out_every_time() -> None:
    template = Template(SOURCE)
    fold_nodes(template.nodelist)
    for name in ("Anna", "Ben"):
        text = template.render(Context({"shown": True, "rows": [name], "name": name, "target": "web:about"}))
        assert text.count(name) == 4


def test_escaping_is_as_before() -> None:
    for autoescape in (True, False, True):
        context = {"shown": True, "rows": [], "name": "<", "target": "web:about"}
        plain, folded = Template(SOURCE), Template(SOURCE)
        fold_nodes(folded.nodelist)
        for _time in range(2):
            said = folded.render(Context(context, autoescape=autoescape))
            assert said == plain.render(Context(context, autoescape=autoescape))


def test_loaded_templates_are_folded_once() -> None:
    template = engines["django"].get_template("web/about.html").template  # type: ignore[attr-defined]
    assert template.is_folded
    again = engines["django"].get_template("web/about.html").template  # type: ignore[attr-defined]
    assert again is template
    base = engines["django"].get_template("components/footer.html").template  # type: ignore[attr-defined]
    assert folded_in(base.nodelist)
