"""Registers that were imported from a file: a look-up is one query over two indexes."""

from django.db import connection

from certification.models import EntryState
from certification.registers.answers import Record, RegisterSilent, Reply

_COLUMNS = (
    *("number", "name", "given", "middle", "family", "former_name", "issuer", "issued_on", "expires_on", "ended_on"),
)
# One statement, so that version and entry belong together also while a newer version is put in use.
_LOOK_UP = f"""
    SELECT v.dated_on, e.state, {", ".join(f"e.{column}" for column in _COLUMNS)}
    FROM certification_registerversion v
    LEFT JOIN certification_registerentry e ON e.version_id = v.id AND e.number = %s
    WHERE v.register = %s AND v.state = 'current'
"""  # noqa: S608 -- composed of our own constants


class ImportedRegister:
    """The version of a register that is in use."""

    is_local = True

    def __init__(self, code: str) -> None:
        self.code = code

    def ask(self, number: str) -> Reply:
        """The entry of a number. One query; raises RegisterSilent where no file was imported."""
        with connection.cursor() as cursor:
            cursor.execute(_LOOK_UP, [number, self.code])
            row = cursor.fetchone()
        if row is None:
            raise RegisterSilent("register.not_imported")
        dated_on, state, *values = row
        if state is None:
            return Reply(None, dated_on)
        facts = dict(zip(_COLUMNS, values, strict=True))
        return Reply(Record(**facts, in_force=state == EntryState.IN_FORCE), dated_on)
