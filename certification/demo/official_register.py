"""An official register of the demo: a small file in the layout of the US register NPPES, imported as a real one is.

It has the numbers of the demo's doctors, who do not exist, and one of them under another name.
"""

import tempfile
from pathlib import Path
from typing import Final

from certification.actions import register_imports
from certification.demo import applications
from certification.demo.register import register_entries
from certification.models import CredentialType, RegisterVersion, RegistryKind
from certification.registers import nppes
from portal import clock

CODE: Final = "demo-npi"
_TYPE: Final = "us-npi"
_RECHECK_DAYS: Final = 30
_UNDER_ANOTHER_NAME: Final = "internist"


def import_demo_register() -> None:
    """Import today's file, and have the credential type looked up in it; nothing where staff chose otherwise."""
    untouched = CredentialType.objects.filter(code=_TYPE, registry=RegistryKind.MANUAL, register_code="")
    untouched.update(
        registry=RegistryKind.FILE,
        register_code=CODE,
        registry_name="Demo register of health care providers",
        recheck_every=_RECHECK_DAYS,
    )
    current = RegisterVersion.objects.current(CODE)
    if current is not None and current.dated_on >= clock.today():
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"npidata_pfile_20050523-{clock.today():%Y%m%d}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            nppes.write_rows(file, _rows())
        register_imports.import_register(CODE, register_imports.register_file(path, "nppes", None))


def _rows() -> list[dict[str, str]]:
    rows = {}
    for entry in [*applications.DEMO_APPLICATIONS, *register_entries()]:
        if _TYPE in entry.codes:
            number = applications.demo_number(entry.who, _TYPE)
            given, family = entry.name.split(" ", 1)
            rows[number] = nppes.provider_row(
                number, given, "Someone else" if entry.who == _UNDER_ANOTHER_NAME else family
            )
    return list(rows.values())
