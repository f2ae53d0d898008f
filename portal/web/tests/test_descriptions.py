"""The descriptions of the API as HTML, and the page that shows them."""

import re

import pytest
from django.test import Client

from portal.web.descriptions import render_description, render_inline


def test_paragraphs_lists_and_code() -> None:
    text = 'One call\nover two lines.\n\nNeeds:\n- `eu`, for\n  all:\n  - `owner`: "Mine."\n- `us`.\n\nThen `400`.'
    assert render_description(text) == (
        "<p>One call over two lines.</p>\n<p>Needs:</p>\n<ul><li><code>eu</code>, for all:<ul><li><code>owner</code>: "
        "&quot;Mine.&quot;</li></ul></li><li><code>us</code>.</li></ul>\n<p>Then <code>400</code>.</p>"
    )


@pytest.mark.parametrize("text", ["", "\n\n", "  "])
def test_an_empty_text_is_nothing(text: str) -> None:
    assert render_description(text) == ""


def test_nothing_of_the_text_becomes_html() -> None:
    assert render_inline("<b> & `<i>`") == "&lt;b&gt; &amp; <code>&lt;i&gt;</code>"
    assert "<script" not in render_description("- <script>\n\n<script>")


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_page_of_the_api_shows_no_raw_markdown(client: Client, language: str) -> None:
    page = client.get("/api/docs/", headers={"accept-language": language}).content.decode()
    prose = re.sub(r"<(pre|code)\b.*?</\1>|<svg.*?</svg>|<template.*?</template>", "", page, flags=re.DOTALL)
    assert "`" not in prose
    assert not re.search(r">[^<]*(?:^|\s)- <code>|\*\*", prose)
    assert "<ul><li><code>" in page
