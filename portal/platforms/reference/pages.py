"""What people see of the reference platform: tiny pages, no part of the contract."""

from html import escape

from portal.platforms.reference import people
from portal.platforms.reference.calls import Call


def show_page(call: Call, path: str) -> str:
    """An account with its labels and inbox, a work and why it is removed, or everybody; raises Problem(404)."""
    named = call._replace(query={"address": f"{call.site}{path}"})
    if path.startswith("/works/"):
        work = people.find_work(named)
        reasons = [one["reason"] for one in people.marks(call.store, "removals", int(work["id"]))]
        return _page(work["title"], work["state"], *reasons)
    if path.startswith("/@"):
        account = people.find_account(named)
        labels, inbox = (people.marks(call.store, kind, int(account["id"])) for kind in ("labels", "messages"))
        shown = [people.profile(call, account["id"])["text"], *(one["texts"]["en"] for one in labels)]
        shown += [f"{one['subject']}: {one['body']} {one.get('url', '')}" for one in inbox]
        return _page(f"@{account['handle']}", f"{account['followers']} followers", *shown)
    rows = call.store.rows("SELECT handle FROM account WHERE handle IS NOT NULL ORDER BY id LIMIT 100")
    return _page("Reference platform", *(f"@{row['handle']}" for row in rows))


def _page(title: str, *lines: str) -> str:
    rows = "".join(f"<p>{escape(line)}</p>" for line in lines)
    return f'<!doctype html><html lang="en"><title>{escape(title)}</title><h1>{escape(title)}</h1>{rows}'
