"""Linking accounts of platforms: claimed by name, proven by a code in the profile, ended."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from portal import clock
from portal.audit import trail
from portal.errors import Conflict, Invalid, require_allowed
from portal.outbound.lookups import AnswerPending
from portal.people import letters, links
from portal.people.models import LinkedAccount, User
from portal.people.models.links import MOST_TRIES, new_proof_code
from portal.people.states import LinkState
from portal.platforms import Account, Connector, NotServed, PlatformError, Unknown, registry

T = TypeVar("T")

# So that nobody searches a platform through us, or tries codes without end.
CLAIMS_A_DAY = 10
_AWAY = _("The platform is not responding. Please try again in a few minutes.")


def claim_account(*, person: User, platform: str, account: str, by: User) -> LinkedAccount:
    """Say that an account (handle, id or address) is theirs; the link carries the code to put in its profile.

    Asked again while a link to that account waits, it gives that link, with a new code if the old one is
    of no use any more. Raises NotAllowed, or Invalid at `platform` or `account`.
    """
    require_allowed(links.refuse_linking_account(person, by=by))
    found = _look_up(platform, account)
    now = clock.now()
    with transaction.atomic():
        # Their own row is the lock: what they claim at the same moment is counted, too.
        User.objects.select_for_update(no_key=True).get(pk=person.pk)
        open_link = _open_link(person, platform, found.id)
        if open_link is not None:
            return _renewed(open_link)
        if LinkedAccount.objects.filter(person=person, claimed_at__gt=now - timedelta(days=1)).count() >= CLAIMS_A_DAY:
            raise Invalid(_("You have entered too many accounts today. Please continue tomorrow."))
        facts = {"external_id": found.id, **_facts(found)}
        link = LinkedAccount.objects.create(person=person, platform=platform, claimed_at=now, **facts)
        trail.record_event("people.link.claimed", link, by=by)
    return link


def prove_account(*, link: LinkedAccount, by: User) -> None:
    """Look for the code in the account's profile. Whoever held the account as proven until now loses it and is told.

    Raises NotAllowed (not theirs), Conflict (not waiting any more, code too old or looked for too often, somebody
    else at the same moment), Invalid (the code is not there, the platform does not answer).
    """
    require_allowed(links.refuse_linking_account(link.person, by=by))
    _refuse_looking(link)
    # The platform is asked outside of a transaction: it may take its time.
    accounts = _connector(link.platform).accounts
    # Its text last: what a job has read of it counts once.
    account, text = _asked(lambda: (accounts.account(link.external_id), accounts.profile_text(link.external_id)))
    _count_try(link)
    if not link.is_in_text(text):
        raise Invalid(_("The code is not in the profile yet. Platforms sometimes take a few minutes to show a change."))
    try:
        with transaction.atomic():
            _take_from_others(link)
            link.move("prove", proven_at=clock.now())
            _remember(link, account)
            trail.record_event("people.link.proven", link, by=by)
            links.announce_link_change(link)
    except IntegrityError as error:
        if "account_proven_once" not in str(error):
            raise
        raise Conflict(_("Someone else verified this account at the same moment. Please check again.")) from error


def keep_account_facts(link: LinkedAccount, account: Account) -> dict[str, str]:
    """Keep how a proven account is called now, and which agency it has; returns how it was. The caller has read it.

    Handle and address stay as they were proven: questions about the past go by them. From the moment at which the platform
    gives the account another handle, the old one names nobody. Who was renamed is in the trail, not how.
    """
    facts = _facts(account)
    changed: dict[str, Any] = {
        name: facts[name] for name in ("name", "agency", "region") if facts[name] != getattr(link, name)
    }
    before = {name: getattr(link, name) for name in ("name", "agency", "region")}
    renamed = facts["handle"].casefold() != link.handle.casefold()
    if renamed != (link.handle_changed_at is not None):
        changed["handle_changed_at"] = clock.now() if renamed else None
    if changed:
        link.write(**changed)
        trail.record_event("people.link.changed", link, by=None, fields=sorted(changed))
    return before


def end_link(*, link: LinkedAccount, by: User) -> None:
    """End a link by its owner. Raises NotAllowed, or Conflict when it has ended already."""
    require_allowed(links.refuse_ending_link(link, by=by))
    with transaction.atomic():
        _end(link, "end", by=by)


def end_all_links(*, person: User) -> None:
    """End every link of a person who leaves, in the caller's transaction."""
    for link in LinkedAccount.objects.filter(person=person).exclude(state=LinkState.ENDED).order_by("pk"):
        _end(link, "end", by=person)


def managers_write_profiles(platform: str) -> bool:
    """Whether a code in a profile may be there by a manager of the platform; also of one that is not served any more."""
    return any(row.managers_write_profiles for row in registry.registered_connectors() if row.code == platform)


def _look_up(platform: str, text: str) -> Account:
    connector = _connector(platform)
    try:
        found = _asked(lambda: connector.accounts.find_account(text.strip()))
    except AnswerPending as pending:
        raise pending.at("account") from pending
    except Invalid as refusal:
        raise Invalid(refusal.message, fields={"account": [refusal.message]}) from refusal
    if found.state == "closed":
        raise Invalid.at("account", _("This account is closed."))
    return found


def _connector(platform: str) -> Connector:
    try:
        return registry.get_connector(platform)
    except NotServed as error:
        raise Invalid.at("platform", _("This platform is not connected to the portal.")) from error


def _asked(question: Callable[[], T]) -> T:
    """The platform's answer; Invalid with a sentence when it gives none or knows no such account."""
    try:
        return question()
    except Unknown as error:
        raise Invalid(_("This account was not found on the platform. Please check the spelling.")) from error
    except PlatformError as error:
        raise Invalid(_AWAY) from error


def _facts(account: Account) -> dict[str, str]:
    """What is kept of an account, cut to what the columns hold."""
    facts = {
        "handle": links.bare_handle(account.handle),
        "name": account.name,
        "url": account.url if account.url.startswith(("https://", "http://", "/")) else "",
        "region": account.region,
        "agency": account.agency,
    }
    return {name: value[: LinkedAccount.max_length_of(name)] for name, value in facts.items()}


def _remember(link: LinkedAccount, account: Account) -> None:
    """Keep how the account is called now."""
    facts = _facts(account)
    for name, value in facts.items():
        setattr(link, name, value)
    link.save(update_fields=list(facts))


def _open_link(person: User, platform: str, external_id: str) -> LinkedAccount | None:
    rows = LinkedAccount.objects.filter(person=person, platform=platform, external_id=external_id)
    return rows.exclude(state=LinkState.ENDED).first()


def _renewed(link: LinkedAccount) -> LinkedAccount:
    if link.is_proven:
        raise Invalid.at("account", _("This account is already linked to you."))
    if link.code_until <= clock.now():
        link.code, link.tries, link.claimed_at = new_proof_code(), 0, clock.now()
        link.save(update_fields=["code", "tries", "claimed_at"])
    return link


def _refuse_looking(link: LinkedAccount) -> None:
    if link.state != LinkState.CLAIMED:
        raise Conflict(_("This link is no longer waiting for a code."))
    if link.code_until <= clock.now():
        raise Conflict(_("This code is more than a day old. Enter the account again to get a new one."))
    if not link.tries_left:
        raise Conflict(_("We have checked for this code too many times. You can get a new one tomorrow."))


def _count_try(link: LinkedAccount) -> None:
    """Count an attempt; called only after the platform has answered."""
    same = LinkedAccount.objects.filter(pk=link.pk, code=link.code, state=LinkState.CLAIMED, tries__lt=MOST_TRIES)
    if same.update(tries=F("tries") + 1) != 1:
        raise Conflict(_("This has changed in the meantime. Please review the current version."))
    link.refresh_from_db(fields=["tries"])


def _take_from_others(link: LinkedAccount) -> None:
    same = links.proven_links().filter(platform=link.platform, external_id=link.external_id)
    for other in same.select_for_update(of=("self",), no_key=True).select_related("person").order_by("pk"):
        _end(other, "lose", by=None)
        letters.write_letter_to(other.person, "people/email/account_lost", account=str(other.shown_handle))


def _end(link: LinkedAccount, move: str, *, by: User | None) -> None:
    was_proven = link.is_proven
    link.move(move, ended_at=clock.now())
    trail.record_event("people.link.lost" if move == "lose" else "people.link.ended", link, by=by)
    if was_proven:
        links.announce_link_change(link)
