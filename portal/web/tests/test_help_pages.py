"""Terms, privacy and contact are the operator's own texts; without them the pages say so. What robots may read."""

from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

PAGES = {"/terms/": "terms", "/privacy/": "privacy", "/contact/": "contact"}


@pytest.mark.django_db
@pytest.mark.parametrize("path", PAGES)
def test_without_a_text_of_the_operator_the_page_says_so(path: str, client: Client) -> None:
    page = client.get(path).content.decode()
    assert "has not " in page
    for address in PAGES:
        assert f'href="{address}"' in page


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "name"), PAGES.items())
def test_the_text_of_the_operator_is_shown_as_it_is_written(
    path: str, name: str, client: Client, settings: Settings, tmp_path: Path
) -> None:
    settings.OPERATOR_TEXTS = tmp_path
    (tmp_path / f"{name}.en.txt").write_text("We are <Example> Ltd.\n\nSee https://example.org/imprint")
    page = client.get(path, headers={"accept-language": "zh-hans"}).content.decode()
    assert '<div lang="en"><p>We are &lt;Example&gt; Ltd.</p>' in page
    assert 'href="https://example.org/imprint"' in page
    (tmp_path / f"{name}.zh-hans.txt").write_text("我们是示例公司。")
    page = client.get(path, headers={"accept-language": "zh-hans"}).content.decode()
    assert '<div lang="zh-hans"><p>我们是示例公司。</p>' in page


@pytest.mark.django_db
def test_robots_read_the_public_pages_of_a_site_and_nothing_of_a_demo(client: Client, settings: Settings) -> None:
    settings.DEMO = True
    assert client.get("/robots.txt").content.decode().split() == ["User-agent:", "*", "Disallow:", "/"]
    settings.DEMO = False
    lines = client.get("/robots.txt").content.decode().splitlines()
    assert "Disallow: /" in lines
    assert "Allow: /register/" in lines
    assert "Sitemap: http://testserver/sitemap.xml" in lines
    allowed = {line.split()[1] for line in lines if line.startswith("Allow:")}
    assert not [path for path in allowed if path.startswith(("/accounts", "/reviews", "/complaints", "/evidence"))]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/about/"])
@pytest.mark.parametrize(("language", "words"), [("en", "Followers return"), ("zh-hans", "归还粉丝")])
def test_both_paths_are_drawn(path: str, language: str, words: str, client: Client) -> None:
    page = client.get(path, headers={"accept-language": language}).content.decode()
    assert page.count('<ol class="drawn-path') == 2
    assert page.count('class="path-sign"') == 9
    assert words in page
