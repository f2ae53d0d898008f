"""Rows made by sets: one INSERT ... SELECT for a table, however many rows."""

from typing import Any

from django.db import connection, models


def insert_rows(row: models.Model, source: str, values: dict[str, Any], **computed: str) -> int:
    """Add one row to the table of `row` for each row of `source` (what stands after FROM); returns how many.

    `computed` are SQL expressions by column; every other column is as on `row`, model defaults included. The
    primary key counts up by itself unless it is computed.
    `values` are the parameters of `source` and `computed`, in which a percent sign is written twice.
    """
    fields = {str(field.column): field for field in row._meta.concrete_fields}
    if row._meta.pk.column not in computed:
        del fields[str(row._meta.pk.column)]
    constants = {
        f"_{column}": field.get_db_prep_save(getattr(row, field.attname), connection)
        for column, field in fields.items()
        if column not in computed
    }
    columns = ", ".join(f'"{column}"' for column in fields)
    chosen = ", ".join(computed.get(column, f"%(_{column})s") for column in fields)
    with connection.cursor() as cursor:
        # Composed of the models' names and the benchmarks' own constants.
        sql = f'INSERT INTO "{row._meta.db_table}" ({columns}) SELECT {chosen} FROM {source}'
        cursor.execute(sql, {**values, **constants})
        return int(cursor.rowcount)
