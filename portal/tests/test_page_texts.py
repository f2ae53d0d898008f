"""Page texts are plain product language: every message, its Chinese translation, and the reference texts.

The terms, and what they replace on pages, are in the list of page terms in docs/glossary.md.
"""

import ast
import re
import tomllib
from collections.abc import Callable, Collection, Iterator
from io import BytesIO
from pathlib import Path
from typing import Final

import pytest
from babel.messages.pofile import read_po
from django import forms
from django.conf import settings
from django.urls import get_resolver

ROOT: Final[Path] = settings.BASE_DIR
CATALOGUE: Final = ROOT / "portal/locale/zh_Hans/LC_MESSAGES/django.po"
PLACEHOLDER: Final = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}|`[^`]*`|https?://\S*|p_…|\S+\.(?:py|md)\b")

# What the site used to say, or what is no product English, and what to say instead.
FORBIDDEN_ENGLISH: Final = {
    r"somebody|everybody": "someone, everyone",
    r"meanwhile": "in the meantime",
    r"nevertheless": "anyway",
    r"hand(?:ed|ing)? in\b": "submit",
    r"papers?\b": "document",
    r"mails?\b(?! server)": "e-mail",
    r"machines?\b(?! in|\.)": "automatic check, bot",
    r"proven\b": "verified",
    r"(?:is|are|was|were|been|be) told\b": "notified",
    r"(?:take|takes|taken|took) (?:it |this )?back\b": "withdraw, undo, reverse",
    r"(?:give|gave|given|giving) (?:\w+ ){0,2}up\b": "surrender, cancel",
    r"(?:save|saved) and go on\b": "Save and continue",
    r"go(?:es)? on\b": "continue",
    r"take(?:s|n)? (?:it )?out\b": "remove",
    r"stands? still\b": "paused",
    r"(?:not )?count(?:s)? (?:at|any|now|until)\b": "valid",
    r"in (?:my|your) hands?\b": "assigned to",
    r"(?:give|gives|gave|given|giving) (?:\w+ ){0,3}back\b": "release, return",
    r"hand(?:s|ed|ing)?[ -](?:\w+ ){0,3}over\b": "reassign",
    r"step(?:s|ped|ping)? aside": "recuse",
    r"you create yourself": "Are you a creator?",
    r"until when|how long \w+ holds?": "how long it is valid",
    r"com(?:e|es|ing) in as": "continue as",
    r"we have it\b": "received",
    r"the clock of": "the deadline of",
    r"(?:was|were) right": "upheld",
    r"stay(?:s|ed)?: came|came by (?:something|anything)": "Kept: not from this work",
    r"whom the \w+ is against": "the losing side",
    r"^look at$": "Flags",
    r"waits? for": "waiting for",
    r"yours until": "Claim expires",
    r"my ties?|your ties?|ties": "conflict of interest",
    r"(?:my|your|their|a second) word\b": "approval",
    r"what (?:\w+ ){1,2}will read": "Preview notice",
    r"ask(?:s|ed|ing)? for more": "request information",
    r"it fits|says? something else|no clear answer": "Match, Mismatch, Inconclusive",
    r"turn(?:s|ed|ing)? back": "un-mirror, return",
    r"tak(?:e|es|en|ing) (?:\w+ ){0,2}access away|tak(?:e|es|en|ing) away (?:\w+ )?access": "deactivate the account",
    r"by itself|by themselves": "automatically",
    r"not (?:\w+ ){1,4}any more$": "no longer",
    r"she|her|hers|he|him|his": "they",
}
# Documents for who runs the portal or connects a platform. There a machine is a computer, jobs are given up, and calls wait.
OF_COMPUTERS: Final = (r"machines?\b(?! in|\.)", r"(?:give|gave|given|giving) (?:\w+ ){0,2}up\b", r"waits? for")
DOCUMENTS: Final = ("api-clients", "connect-peertube", "connect-your-platform", "operations", "webhooks")
FORBIDDEN_CHINESE: Final = {
    "认证证书": "证书",
    "复制品": "搬运作品",
    "三农": "农业",
    "门户": "本站",
    "人来决定": "人工作出决定",
    "自动结束": "到期自动失效",
    "申请某": "申请认证",
    "第二重验证": "两步验证",
    "恢复代码": "恢复码",
    "被投诉方": "被投诉人",
    "账户": "账号",
    "登记系统": "官方名册",
    "登记机构": "官方名册",
    "登记信息": "官方名册",
    "作罢": "撤回",
    "放弃": "注销",
    "实践核实": "从业经验已核实",
    "在此期间": "(leave it out)",
    "站着": "(translate the meaning)",
    "你": "您",
}
_FEWEST_DEMO_TEXTS, _FEWEST_COMMAND_TEXTS = 30, 100
_NO_COMMANDS = {"bench.py"}  # figures of speed, for developers
HAN: Final = "一-鿿"
# Texts that are the same in both languages: names, formats and what has no words.
SAME: Final = {"API", "SHA-256", "English"}
# Placeholders whose values are Chinese text or dates: no space beside them. All others are Latin or figures.
CHINESE_VALUE: Final = re.compile(
    r"%\((?:area|place|name|agency|person|date|day|due|due_at|until|at|to|valid_to|valid_from|begins|ends|closed_until|appeal_until|answer_by"
    r"|answer_due_at|complete_by|undo_until|hold_until|invite_until|reserved_until|platform|time|left|deleted|kind|category|paper|type|check"
    r"|about|flag|finding|regime|region|reason|role_name|names|hint|label|moment|distance|complainant|value|title|side)\)s"
)


def messages() -> Iterator[tuple[str, str]]:
    """(English, Chinese) of every message; of a plural, both English forms with its Chinese."""
    for message in read_po(BytesIO(CATALOGUE.read_bytes()), locale="zh_Hans"):
        if message.id:
            chinese = message.string if isinstance(message.string, str) else (message.string or [""])[0]
            for english in (message.id,) if isinstance(message.id, str) else message.id:
                yield english, chinese


def reference_texts() -> Iterator[tuple[str, str]]:
    """(English, Chinese) of every text in the reference files."""
    for path in sorted(ROOT.glob("*/reference/*.toml")):
        yield from _pairs(tomllib.loads(path.read_text()))


def _pairs(node: object) -> Iterator[tuple[str, str]]:
    if isinstance(node, dict) and isinstance(node.get("en"), str):
        yield node["en"], node.get("zh-hans", "")
    elif isinstance(node, dict | list):
        for each in node.values() if isinstance(node, dict) else node:
            yield from _pairs(each)


def demo_texts() -> Iterator[str]:
    """Every text that the modules which fill a demo write into it, and what specimens of documents say."""
    for path in sorted(
        {*ROOT.glob("*/demo*/**/*.py"), *ROOT.glob("*/*/demo*.py"), ROOT / "certification/specimens.py"}
    ):
        yield from _constants(path)


def command_texts() -> Iterator[str]:
    """Every text of the commands and of the warnings of `manage.py check`."""
    for path in sorted({*ROOT.glob("*/**/management/commands/*.py"), ROOT / "portal/production.py"}):
        if path.name not in _NO_COMMANDS:
            yield from _constants(path)


def documents() -> Iterator[str]:
    """The paragraphs of the README and of the documents for operators and for the engineers of platforms."""
    for path in (ROOT / "README.md", *(ROOT / f"docs/{name}.md" for name in DOCUMENTS)):
        text = re.sub(r"^```.*?^```|^    \S.*?$", "", path.read_text(), flags=re.DOTALL | re.MULTILINE)
        yield from (" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n|\n(?=[-|#*]|\d\.)", text))


def _constants(path: Path) -> Iterator[str]:
    """The texts of more than one word in a module, without its docstrings."""
    tree = ast.parse(path.read_text())
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and " " in node.value
            and id(node) not in said
        ):
            yield node.value


def texts() -> list[tuple[str, str]]:
    return [*messages(), *reference_texts()]


def english_faults(text: str, *, allowed: Collection[str] = ()) -> list[str]:
    plain = PLACEHOLDER.sub(" ", text)
    return [
        f"{found[0]!r}, say {better!r}: {text}"
        for pattern, better in FORBIDDEN_ENGLISH.items()
        if pattern not in allowed and (found := re.search(rf"(?<![\w-])(?:{pattern})(?!\w)", plain, re.IGNORECASE))
    ]


def chinese_faults(text: str) -> list[str]:
    words = [f"{word}, say {better}: {text}" for word, better in FORBIDDEN_CHINESE.items() if word in text]
    return words + [f"{fault}: {text}" for fault, pattern in CHINESE_FAULTS.items() if pattern(text)]


def _latin_without_space(text: str) -> bool:
    plain = re.sub(r"%\(\w+\)[sd]|%[sd]|\{\w*\}", "0", CHINESE_VALUE.sub("\ue000", text))
    return bool(re.search(rf"[{HAN}][A-Za-z0-9@]|[A-Za-z0-9][{HAN}]", plain))


def _chinese_value_with_space(text: str) -> bool:
    return bool(re.search(rf"[{HAN}] \ue000|\ue000 [{HAN}]", CHINESE_VALUE.sub("\ue000", text)))


CHINESE_FAULTS: Final[dict[str, Callable[[str], object]]] = {
    "ASCII punctuation beside Chinese": re.compile(rf"[{HAN}][,;:!?()]|[,;:!?()][{HAN}]|[{HAN}]\.(?:\s|$)").search,
    "a space beside full-width punctuation": re.compile(r"[，。；：？！、（）“”] | [，。；：？！、（）“”]").search,
    "no space between Chinese and Latin letters, figures or values": _latin_without_space,
    "a space beside a Chinese value": _chinese_value_with_space,
}


def test_english_is_plain_and_uses_the_terms() -> None:
    found = [fault for english, _chinese in texts() for fault in english_faults(english)]
    assert not found, "\n".join(found)


def test_demo_speaks_as_the_product_does() -> None:
    found = [fault for text in demo_texts() for fault in english_faults(text)]
    assert not found, "\n".join(found)
    assert sum("emo" in text for text in demo_texts()) > _FEWEST_DEMO_TEXTS, "a search that finds none proves nothing"


def test_commands_and_documents_use_the_terms() -> None:
    found = [fault for text in (*command_texts(), *documents()) for fault in english_faults(text, allowed=OF_COMPUTERS)]
    assert not found, "\n".join(found)
    assert len([*command_texts()]) > _FEWEST_COMMAND_TEXTS


def test_chinese_is_what_a_chinese_product_says() -> None:
    found = [fault for _english, chinese in texts() for fault in chinese_faults(chinese)]
    assert not found, "\n".join(dict.fromkeys(found))


def test_no_label_says_optional_which_the_template_of_a_field_adds() -> None:
    assert get_resolver().url_patterns, "the forms are those of the views that are imported"
    found = {
        f"{form.__module__}.{form.__name__}.{name}"
        for form in _forms_below(forms.BaseForm)
        for name, field in getattr(form, "base_fields", {}).items()
        if "(optional)" in str(field.label)
    }
    assert found == set()


def _forms_below(base: type[forms.BaseForm]) -> Iterator[type[forms.BaseForm]]:
    for form in base.__subclasses__():
        yield form
        yield from _forms_below(form)


def test_nothing_is_left_in_english() -> None:
    found = [
        english
        for english, chinese in texts()
        if english == chinese
        and english not in SAME
        and re.search(r"[A-Za-z]{2}", PLACEHOLDER.sub("", english))
        and not re.search(r"[{}]|[A-Z]{3}|/", english)
    ]
    assert not found


# What pages once said, and what they say instead.
REPLACED: Final = {
    "You create yourself?": "Are you a creator?",
    "Until when it holds": "How long it is valid",
    "Machines check": "Automatic checks",
    "Save and go on": "Save and continue",
    "Take out": "Remove",
    "Come in as a guest": "Continue as a guest",
    "We have it.": "Application received",
    "The clock of the decision stands": "The decision deadline is paused",
    "The deadline stands still": "The deadline is paused",
    "This certificate counts at this moment": "This certificate is valid",
    "Give this certificate up": "Surrender certificate",
    "You were right.": "Your complaint was upheld",
    "Stay: came by something else": "Kept: not from this work",
    "Whom the decision is against can appeal": "The losing side can appeal",
    "Go on with your case": "Resume case",
    "In my hands": "Assigned to me",
    "Look at": "Flags",
    "Waits for": "Stage",
    "Yours until 14:00": "Claim expires",
    "Give back": "Release",
    "Hand over": "Reassign",
    "Step aside": "Recuse",
    "My ties": "Conflicts of interest",
    "This needs your word": "Second approval required",
    "What she will read": "Preview notice",
    "What the applicant will read": "Preview notice",
    "Ask for more": "Request information",
    "It fits": "Match",
    "It says something else": "Mismatch",
    "No clear answer": "Inconclusive",
    "Turned back": "Un-mirror",
    "Take access away": "Deactivate account",
}


@pytest.mark.parametrize(("before", "now"), REPLACED.items(), ids=lambda text: text.lower())
def test_replaced_terms_are_seen(before: str, now: str) -> None:
    assert english_faults(before)
    assert not english_faults(now)


@pytest.mark.parametrize(
    ("english", "fault"),
    [
        ("Somebody is told.", True),
        ("Your notice is ready. Look at the picture.", False),
        ("The properties are waiting for an answer.", False),
        ("Save and go on", True),
        ("The decision deadline stands still until you answer.", True),
        ("She reads your papers.", True),
        ("The decision deadline is paused until you answer.", False),
        ("%(paper)s: please replace it.", False),
        ("Send e-mails again", False),
    ],
)
def test_faults_of_english_are_seen(english: str, fault: bool) -> None:
    assert bool(english_faults(english)) is fault


@pytest.mark.parametrize(
    ("chinese", "fault"),
    [
        ("您的认证证书", True),
        ("请稍后重试。 谢谢", True),
        ("请稍后重试.", True),
        ("请填写名称,地址。", True),
        ("上传PDF文件", True),
        ("投诉%(number)s 已收到", True),
        ("请在 %(date)s 前答复。", True),
        ("请在%(date)s前答复投诉 %(number)s。", False),
        ("每个文件不超过 20 MB。", False),
    ],
)
def test_faults_of_chinese_are_seen(chinese: str, fault: bool) -> None:
    assert bool(chinese_faults(chinese)) is fault
