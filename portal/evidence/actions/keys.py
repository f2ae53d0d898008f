"""Moving everything encrypted under the current key."""

from collections.abc import Callable
from typing import Any

from django.db.models import Model, QuerySet

from portal import vault
from portal.evidence.models import EvidenceFile, KeyedRow

Renew = Callable[[], int]
_texts: dict[str, Renew] = {}


def register_text_renewal(name: str, renew: Renew) -> None:
    """Whoever keeps `vault.encrypt_text` tokens says in AppConfig.ready() how they are renewed; returns how many were."""
    _texts[name] = renew


def rotate_keys() -> dict[str, int]:
    """Re-wrap every data key and re-encrypt every text under an older key; counts by kind."""
    return {"files": rewrap_data_keys(EvidenceFile)} | {name: renew() for name, renew in _texts.items()}


def rewrap_data_keys(model: type[KeyedRow]) -> int:
    """Re-wrap the data keys of one kind of row that are under an older key; returns how many."""
    behind = model._default_manager.filter(purged_at=None).exclude(key_id=vault.current_key_id())
    return sum(_rewrap(row) for row in behind.iterator())


def renew_column(rows: "QuerySet[Any]", column: str, *, bound_to: Callable[[Any], str]) -> int:
    """Renew a column of tokens, row by row; a row changed meanwhile is left for the next run."""
    return sum(_renew_row(row, column, bound_to(row)) for row in rows.exclude(**{column: ""}).iterator())


def _rewrap(row: KeyedRow) -> int:
    same = type(row)._default_manager.filter(pk=row.pk, key_id=row.key_id, purged_at=None)
    row.wrap_data_key(row.data_key())
    return same.update(key_id=row.key_id, wrapped_key=row.wrapped_key)


def _renew_row(row: Model, column: str, bound_to: str) -> int:
    token = getattr(row, column)
    renewed = vault.renew_text(token, bound_to=bound_to)
    if renewed == token:
        return 0
    same = type(row)._base_manager.filter(pk=row.pk, **{column: token})
    return same.update(**{column: renewed})
