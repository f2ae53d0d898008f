"""The table of personal data: every column that holds some, on which ground, until when, and whose it is.

Each room registers its rows in AppConfig.ready(). docs/privacy.md is written from the table, the page "Your data" shows
it, and the export reads by it; tests compare it with the columns of all models and move the clock for every row.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db.models import Model, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal.people.models import User

Text = str | Promise


@dataclass(frozen=True)
class Basis:
    """On which ground data are kept. `code` names it in documents."""

    code: str
    text: Text


@dataclass(frozen=True)
class Clock:
    """Until when data are kept, and the periodic jobs that delete them."""

    code: str
    text: Text
    jobs: tuple[str, ...]


CONTRACT = Basis("contract", _("so that you can use the portal"))
DUTY = Basis("duty", _("because decisions must be explained and can be appealed"))
SAFETY = Basis("safety", _("so that accounts stay with their owners"))

WITH_ACCOUNT = Clock(
    "account",
    _(
        "30 days after you close your account, or when the last case that needs it ends; 7 days if "
        "you never confirm your address"
    ),
    ("people.purge_departed", "people.purge_unconfirmed"),
)
WITH_SESSION = Clock(
    "session", _("until you sign out, two weeks after your last visit at the latest"), ("people.purge_sessions",)
)
LETTER = Clock("letter", _("cleared when it is sent, and deleted after a month"), ("people.purge_letters",))
MESSAGE = Clock("message", _("two years, or with your account"), ("notifications.purge", "people.purge_departed"))
FILE = Clock(
    "file",
    _("a week if you do not use it, else at most 30 days after the decision can no longer be appealed"),
    ("evidence.purge", "media.purge"),
)
MARKED = Clock("marked", _("half a day, or with the document"), ("evidence.purge_marked", "evidence.purge"))
WORK = Clock(
    "work", _("until you delete it or close your account, unless a case is based on it"), ("people.purge_departed",)
)
RECORD = Clock(
    "record",
    _("five years after the end of the case; a draft 30 days after its last change"),
    (
        "people.purge_changes",
        "certification.purge_records",
        "complaints.purge_records",
        "certification.purge_drafts",
        "complaints.purge_drafts",
    ),
)
WISH = Clock("wish", _("until the follower changes it, and a month after that"), ("complaints.purge_opt_outs",))
UNSENT = Clock(
    "unsent",
    _("until you submit the form, at most 30 days after you last typed in it"),
    ("people.purge_form_drafts", "people.purge_departed"),
)
EXPORT = Clock("export", _("a week"), ("privacy.purge_exports",))
WEBHOOK = Clock("webhook", _("30 days"), ("webhooks.purge",))
LOOKUP = Clock("lookup", _("an hour"), ("outbound.purge_lookups",))

CLOCKS = (
    WITH_ACCOUNT,
    WITH_SESSION,
    LETTER,
    MESSAGE,
    FILE,
    MARKED,
    WORK,
    RECORD,
    WISH,
    UNSENT,
    EXPORT,
    WEBHOOK,
    LOOKUP,
)


@dataclass(frozen=True)
class PersonalData:
    """Columns of one model that hold data of people.

    `of(person)` finds the rows of which a person gets a copy, with the columns of `also`, and with `read` for what is
    encrypted; without it `withheld` says why they get none.
    """

    model: str
    fields: tuple[str, ...]
    what: Text
    basis: Basis
    clock: Clock
    of: Callable[[User], Q] | None = None
    also: tuple[str, ...] = ()
    read: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    withheld: Text = ""

    @property
    def rows(self) -> Any:
        """All rows of the model."""
        model: type[Model] = apps.get_model(self.model)
        return model._base_manager.all()

    def rows_of(self, person: User) -> Any:
        """The rows of which the person gets a copy."""
        return self.rows.filter(self.of(person)).distinct().order_by("pk") if self.of else self.rows.none()


_rows: list[PersonalData] = []
_other: dict[str, str] = {}


def register_personal_data(rows: Iterable[PersonalData]) -> None:
    """Add rows to the table."""
    _rows.extend(rows)


def register_other_columns(why: str, *names: str) -> None:
    """Say why columns of text hold no personal data: `app.Model.field`, `app.Model` or `app`."""
    _other.update(dict.fromkeys(names, why))


def personal_data() -> tuple[PersonalData, ...]:
    """The whole table."""
    return tuple(_rows)


def why_not_personal(column: str) -> str:
    """Why a column (`app.Model.field`) holds no personal data; "" if nobody has said so."""
    app, model, _field = column.split(".")
    return _other.get(column) or _other.get(f"{app}.{model}") or _other.get(app) or ""
