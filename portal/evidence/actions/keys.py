"""Moving everything encrypted under the current key."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Model, QuerySet

from portal import vault
from portal.evidence.actions import files
from portal.evidence.models import EvidenceFile

Renew = Callable[[], int]
_texts: dict[str, Renew] = {}


def register_text_renewal(name: str, renew: Renew) -> None:
    """Whoever keeps `vault.encrypt_text` tokens says in AppConfig.ready() how they are renewed; returns how many were."""
    _texts[name] = renew


def rotate_keys() -> dict[str, int]:
    """Re-wrap every data key and re-encrypt every text under an older key; counts by kind."""
    counts = {"files": sum(_rewrap(file) for file in _behind())}
    return counts | {name: renew() for name, renew in _texts.items()}


def renew_column(rows: "QuerySet[Any]", column: str, *, bound_to: Callable[[Any], str]) -> int:
    """Renew a column of tokens, row by row; a row changed meanwhile is left for the next run."""
    return sum(_renew_row(row, column, bound_to(row)) for row in rows.exclude(**{column: ""}).iterator())


def _behind() -> Iterable[EvidenceFile]:
    return EvidenceFile.objects.kept().exclude(key_id=vault.current_key_id()).iterator()


def _rewrap(file: EvidenceFile) -> int:
    wrapped = vault.wrap_data_key(files.file_data_key(file), bound_to=files.file_label(file))
    same = EvidenceFile.objects.filter(pk=file.pk, key_id=file.key_id, purged_at__isnull=True)
    return same.update(key_id=wrapped.key_id, wrapped_key=wrapped.sealed)


def _renew_row(row: Model, column: str, bound_to: str) -> int:
    token = getattr(row, column)
    renewed = vault.renew_text(token, bound_to=bound_to)
    if renewed == token:
        return 0
    same = type(row)._base_manager.filter(pk=row.pk, **{column: token})
    return same.update(**{column: renewed})
