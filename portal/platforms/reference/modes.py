"""What a platform may serve of followers besides moving them back and forth; leave out what you do not need."""

from portal.platforms.reference.moves import Json, Order, move_page
from portal.platforms.reference.store import Store


def preview(store: Store, body: Json) -> Json:
    """What a page would come to: it is moved, and that is undone."""
    store.db.execute("SAVEPOINT preview")
    answer = move_page(store, Order(body["order"]), int(body["cursor"]), int(body["limit"]))
    store.db.execute("ROLLBACK TO preview")
    return answer
