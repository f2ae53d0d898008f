"""How each platform fares: whether it answers, how fast it may be called, what waits for it. For the page of staff.

Everything is read from rows, and nothing of a call is in them but its kind of fault. No platform is asked for a page; a check
is a question like others (portal/outbound/lookups.py), put by whoever presses the button.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Count, Max, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.connectors import loading
from portal.connectors.models import PlatformCapabilities
from portal.connectors.reasons import REASONS, reason_in_words
from portal.outbound import lookups
from portal.outbound.discrepancies import open_discrepancies
from portal.outbound.http import traffic
from portal.outbound.models import Breaker, FailureKind, Lookup, LookupState, PlatformFailure, PlatformTraffic
from portal.outbound.platform_jobs import OpenJobs, open_jobs, waiting_lookups
from portal.platforms import Connector, Unknown, registry
from portal.platforms.protocol import Ability

CHECK = "connectors.check"
# Failures of the last days are shown.
SHOWN_DAYS = 7
# A handle that nobody has: that it is not there is an answer.
_NOBODY = "creator-trust-portal-check"
ABILITIES: dict[Ability, Any] = {
    "messages": _("messages to accounts"),
    "removals": _("removal of videos"),
    "restrictions": _("restriction of accounts"),
    "labels": _("labels on accounts"),
    "followers": _("return of followers"),
    "previews": _("preview of how many followers would return"),
    "clearing": _("ending of follows without a move"),
    "invitations": _("asking followers before they are moved"),
    "opt_outs": _("opt-outs of followers"),
    "states": _("comparison with what followers follow"),
    "signals": _("shared devices and payees"),
    "reports": _("reports about copied videos"),
}
# Without followers these go without saying.
_OF_FOLLOWERS = ("previews", "clearing", "invitations", "opt_outs", "states")
_UNCONFIRMED = _("messages to accounts (sent, not confirmed)")
_REGIONS = _("regions of accounts")
_MANAGERS_WRITE = _(
    "Managers of the platform can also write profile texts: a code there proves that the account's holder or a manager "
    "put it there."
)
_ALWAYS = (_("accounts"), _("videos"))


@dataclass(frozen=True)
class State:
    """How a platform fares in a word, and what happens next. `until` is when, if that is known."""

    tone: str
    label: str | Promise
    sentence: str | Promise
    until: datetime | None = None


class Listing(NamedTuple):
    """A list of the admin that has rows of platforms: its name, its URL name, and how many there are by platform."""

    label: str | Promise
    url_name: str
    numbers: Callable[[], dict[str, int]]


_LISTINGS: list[Listing] = []


def register_listing(listing: Listing) -> None:
    """Make known what else the page counts and links. Called in AppConfig.ready()."""
    _LISTINGS.append(listing)


@dataclass(frozen=True)
class PlatformStatus:
    """What the page shows of one platform. `traffic` is None if it was never called over the network."""

    code: str
    name: str
    kind: str
    served: bool
    state: State
    traffic: PlatformTraffic | None
    serves: list[Any]
    lacks: list[dict[str, Any]]
    remark: str | Promise
    failures: list[dict[str, Any]]
    waiting: int
    jobs: OpenJobs
    discrepancies: int
    check: Lookup | None
    # (label, URL name, how many) of the lists that have rows of it.
    listings: list[tuple[str | Promise, str, int]]
    # What it said last that it serves, where it is asked (http/capabilities.py).
    said: PlatformCapabilities | None = None
    # Addresses that it says are its pages, and that its entry does not have.
    foreign_pages: Sequence[str] = ()

    @property
    def quota_used(self) -> int:
        """Calls made today (UTC)."""
        return _quota_used(self.traffic) if self.traffic is not None else 0

    @property
    def rate_percent(self) -> int:
        """The rate now as a part of the limit."""
        row = self.traffic
        return round(100 * row.rate / row.rate_limit) if row is not None else 100

    @property
    def may_be_checked(self) -> bool:
        """Whether a check can be asked for."""
        return self.served and not (self.check is not None and self.check.is_open)


_STATES = {
    Breaker.OPEN: State(
        "bad",
        _("Not answering"),
        _(
            "Calls are paused because several in a row have failed. After the pause one call tries whether it answers again."
        ),
    ),
    Breaker.PROBING: State(
        "warn", _("Being tried"), _("One call is trying whether it answers again. If it does, all calls continue.")
    ),
}
_GONE = State("muted", _("Not configured"), _("PLATFORMS no longer names it. Its jobs wait until it does."))
_LOCAL = State("ok", _("In this portal"), _("Kept in the database of this portal; it is not called over the network."))
_NEVER = State("muted", _("Not called yet"), _("Nothing was asked of it so far. “Check now” makes one call."))
_PAUSED = State(
    "warn", _("Busy"), _("It has asked to be called later (HTTP 429). Calls continue automatically after that.")
)
_FAILING = State(
    "warn", _("Last call failed"), _("It is called again as usual; if more calls in a row fail, they are paused.")
)
_SLOWED = State(
    "info", _("Answering, slowed down"), _("It has asked for fewer calls. The rate grows back step by step.")
)
_WELL = State("ok", _("Answering"), _("Calls are made as usual."))
_QUOTA_USED = State(
    "warn",
    _("Daily limit reached"),
    _("As many calls were made today as its daily limit allows. Calls continue when the next day (UTC) begins."),
)
_SIGNATURE_REFUSED = State(
    "bad", _("Access refused"), _("The platform refuses our signature: check the secret and the clock.")
)
_CREDENTIALS_REFUSED = State(
    "bad",
    _("Access refused"),
    _(
        "The platform refuses the portal's account: check its credentials in PLATFORMS and what it is allowed to do there."
    ),
)
_USELESS = State(
    "warn",
    _("Unexpected answers"),
    _("The platform answers, but its last answer was not what the portal expects. Calls are made as usual."),
)


def platform_statuses() -> list[PlatformStatus]:
    """The platforms that are served, in the order of PLATFORMS, then those that only rows name."""
    rows = {row.platform: row for row in PlatformTraffic.objects.all()}
    jobs, waiting, failures, checks = open_jobs(), waiting_lookups(), _failures(), _checks()
    connectors = {code: registry.get_connector(code) for code in registry.platform_codes()}
    kinds, discrepancies = _kinds(), _discrepancies()
    listings = [(one, one.numbers()) for one in _LISTINGS]
    said = {row.platform: row for row in PlatformCapabilities.objects.all()}
    found = []
    for code in [*connectors, *sorted({*rows, *jobs} - {*connectors, ""})]:
        connector = connectors.get(code)
        name = connector.name if connector else code
        found.append(
            PlatformStatus(
                code=code,
                name=name,
                kind=kinds.get(code, ""),
                served=connector is not None,
                state=_state(connector, rows.get(code)),
                traffic=rows.get(code),
                serves=_served_abilities(connector),
                lacks=_lacking_abilities(connector),
                remark=_MANAGERS_WRITE if connector is not None and connector.managers_write_profiles else "",
                failures=failures.get(code, []),
                waiting=waiting.get(name, 0),
                jobs=jobs.get(code, OpenJobs()),
                discrepancies=discrepancies.get(code, 0),
                check=checks.get(code),
                listings=[(one.label, one.url_name, counts[code]) for one, counts in listings if code in counts],
                said=said.get(code),
                foreign_pages=getattr(connector.accounts, "foreign_pages", ()) if connector is not None else (),
            )
        )
    return found


def wrong_entries() -> list[str]:
    """What is wrong in PLATFORMS; no platform is served by such an entry."""
    return [str(error.msg) for error in loading.make_connectors(settings.PLATFORMS)[1]]


def check_platform(code: str) -> None:
    """Have a job ask the platform now, whatever its breaker says.

    Raises NotServed for a code that nobody knows, PlatformError if too many questions wait for it already.
    """
    connector = registry.get_connector(code)
    traffic.try_again_now(code)
    Lookup.objects.filter(question=CHECK, arguments=[code]).exclude(state=LookupState.ASKED).delete()
    with suppress(lookups.AnswerPending):
        lookups.recorded_answer(CHECK, [code], platform=connector.name)


def ask_whether_it_answers(code: str) -> bool:
    """A job's question: True, or PlatformError."""
    with suppress(Unknown):
        registry.get_connector(code).accounts.find_account(_NOBODY)
    return True


def _state(connector: Connector | None, row: PlatformTraffic | None) -> State:
    if connector is None:
        return _GONE
    if row is None:
        local = connector.followers is not None and connector.followers.joins
        return _LOCAL if local else _NEVER
    now = clock.now()
    if (state := _STATES.get(Breaker(row.breaker))) is not None:
        return replace(state, until=row.breaker_until if row.breaker == Breaker.OPEN else None)
    if row.paused_until is not None and row.paused_until > now:
        return replace(_PAUSED, until=row.paused_until)
    if row.quota_limit is not None and _quota_used(row) >= row.quota_limit:
        return replace(_QUOTA_USED, until=traffic.quota_ends(now))
    return _state_of_called(row, now, signs_calls=connector.signs_calls)


def _quota_used(row: PlatformTraffic) -> int:
    return row.quota_used if row.quota_day == clock.today() else 0


def _state_of_called(row: PlatformTraffic, now: datetime, *, signs_calls: bool) -> State:
    if row.failures:
        return _FAILING
    if row.fault == FailureKind.ACCESS_REFUSED:
        return _SIGNATURE_REFUSED if signs_calls else _CREDENTIALS_REFUSED
    if row.fault:
        return _USELESS
    if row.answered_at is None:
        return _NEVER
    # A row is written at a call only: time alone has brought the rate back.
    calm = row.halved_at is None or row.halved_at < now - timedelta(minutes=5)
    return _WELL if row.rate >= row.rate_limit or calm else _SLOWED


def _served_abilities(connector: Connector | None) -> list[Any]:
    if connector is None:
        return []
    labels: dict[Ability, Any] = dict(ABILITIES)
    if connector.messages is not None and not connector.messages.confirms:
        labels["messages"] = _UNCONFIRMED
    return [*_ALWAYS, *(label for ability, label in labels.items() if connector.serves(ability))]


def _lacking_abilities(connector: Connector | None) -> list[dict[str, Any]]:
    """What it does not serve: label and reason."""
    if connector is None:
        return []
    asked = {name: label for name, label in ABILITIES.items() if connector.followers or name not in _OF_FOLLOWERS}
    lacking = [(ability, label) for ability, label in asked.items() if not connector.serves(ability)]
    rows = [{"label": label, "reason": reason_in_words(connector, ability)} for ability, label in lacking]
    return rows if connector.tells_regions else [*rows, {"label": _REGIONS, "reason": REASONS["no-such-function"]}]


def _failures() -> dict[str, list[dict[str, Any]]]:
    since = clock.today() - timedelta(days=SHOWN_DAYS - 1)
    rows = PlatformFailure.objects.filter(day__gte=since).order_by().values("platform", "kind")
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows.annotate(number=Sum("count"), at=Max("last_at"), status=Max("last_status")).order_by("-at"):
        found.setdefault(row["platform"], []).append({**row, "label": FailureKind(row["kind"]).label})
    return found


def _discrepancies() -> dict[str, int]:
    rows = open_discrepancies().order_by().values_list("platform")
    return dict(rows.annotate(number=Count("pk")))


def _checks() -> dict[str, Lookup]:
    return {row.arguments[0]: row for row in Lookup.objects.filter(question=CHECK)}


def _kinds() -> dict[str, str]:
    entries: Iterable[Any] = settings.PLATFORMS if isinstance(settings.PLATFORMS, list | tuple) else []
    return {str(entry.get("code")): str(entry.get("kind")) for entry in entries if isinstance(entry, dict)}
