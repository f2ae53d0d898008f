"""Registers imported from files: whole or not at all, the last good one stays, and a look-up says what the file says."""

import io
import zipfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from certification.actions import register_imports
from certification.models import RegisterEntry, RegisterVersion, VersionState
from certification.registers import Record, RegisterSilent, nppes
from certification.registers.imported import ImportedRegister
from certification.registers.layouts import WrongFile
from certification.registers.names import is_same_name
from portal import clock

pytestmark = pytest.mark.django_db
NPI, OTHER = "1993999998", "1234567893"
DAY = date(2026, 11, 1)


def nppes_file(folder: Path, *rows: dict[str, str], dated: date = DAY) -> Path:
    path = folder / f"npidata_pfile_20050523-{dated:%Y%m%d}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        nppes.write_rows(file, rows or (nppes.provider_row(NPI, "Anna", "Schmidt", middle="M"),))
    return path


def load(path: Path, **options: Any) -> RegisterVersion:
    return register_imports.import_register("npi", register_imports.register_file(path, "nppes", None), **options)


@pytest.fixture(autouse=True)
def _today() -> Any:
    with clock.freeze_time(clock.now().replace(year=2026, month=11, day=29)):
        yield


def test_the_columns_are_those_that_are_published() -> None:
    assert len(nppes.COLUMNS) == len(set(nppes.COLUMNS)) == 330
    assert nppes.COLUMNS[:2] == ("NPI", "Entity Type Code")
    assert nppes.COLUMNS.index("Provider Enumeration Date") == 36
    assert nppes.COLUMNS[-1] == "Certification Date"


def test_a_look_up_says_what_the_file_says(tmp_path: Path) -> None:
    row = nppes.provider_row(NPI, "Anna", "Schmidt", middle="Maria")
    load(nppes_file(tmp_path, row, nppes.ended_row(OTHER, "03/01/2024")))
    reply = ImportedRegister("npi").ask(NPI)
    assert reply.as_of == DAY
    assert reply.record is not None
    assert (reply.record.full_name, reply.record.in_force) == ("ANNA MARIA SCHMIDT", True)
    ended = ImportedRegister("npi").ask(OTHER).record
    assert ended is not None
    assert (ended.in_force, ended.ended_on) == (False, date(2024, 3, 1))
    assert ImportedRegister("npi").ask("1000000004").record is None
    with pytest.raises(RegisterSilent, match="not_imported"):
        ImportedRegister("another").ask(NPI)


def test_a_number_that_was_reactivated_is_in_force(tmp_path: Path) -> None:
    again = nppes.provider_row(NPI, "Anna", "Schmidt") | {
        "NPI Deactivation Date": "01/02/2020",
        "NPI Reactivation Date": "01/02/2020",
    }
    load(nppes_file(tmp_path, again))
    record = ImportedRegister("npi").ask(NPI).record
    assert record is not None
    assert record.in_force is True


def test_the_same_file_again_changes_nothing_and_a_newer_one_replaces_it(tmp_path: Path) -> None:
    path = nppes_file(tmp_path)
    first = load(path)
    assert load(path) == first
    assert RegisterVersion.objects.count() == 1
    newer = load(nppes_file(tmp_path, nppes.provider_row(OTHER, "Bo", "Lee"), dated=DAY + timedelta(days=7)))
    assert RegisterVersion.objects.current("npi") == newer
    assert ImportedRegister("npi").ask(NPI).record is None
    assert set(RegisterEntry.objects.values_list("version", flat=True)) == {newer.pk}
    with pytest.raises(WrongFile, match="and the one in use 2026-11-08"):
        load(path)


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda text: text.replace('"NPI Deactivation Date"', '"Deactivated"'), "NPI Deactivation Date"),
        (lambda text: text + '"1234567893","1"\n', "Line 3 has 2 columns"),
        (lambda text: text.replace("05/23/2006", "2006-05-23", 1), "Provider Enumeration Date holds no date"),
        (lambda text: text.replace("05/23/2006", "05/23/99999999999", 1), "Provider Enumeration Date holds no date"),
        (lambda text: text.replace(NPI, ""), "the column NPI has no number"),
        (lambda text: text + text.splitlines()[1] + "\n", "two entries with the same number"),
        (lambda text: text.splitlines()[0] + "\n", "has no entries"),
        (lambda text: text[:-40], "columns|CSV"),
        (lambda _text: "", "is empty"),
    ],
    ids=["column", "width", "date", "huge-year", "number", "twice", "no-rows", "cut-off", "empty"],
)
def test_a_wrong_file_is_refused_and_the_last_good_one_stays(tmp_path: Path, spoil: Any, sentence: str) -> None:
    good = load(nppes_file(tmp_path))
    path = nppes_file(tmp_path, nppes.provider_row(NPI, "Other", "Person"), dated=DAY + timedelta(days=7))
    path.write_text(spoil(path.read_text()))
    with pytest.raises(WrongFile, match=sentence):
        load(path)
    assert RegisterVersion.objects.current("npi") == good
    record = ImportedRegister("npi").ask(NPI).record
    assert record is not None
    assert record.family == "SCHMIDT"
    assert RegisterEntry.objects.count() == 1
    refused = RegisterVersion.objects.get(state=VersionState.FAILED)
    assert refused.error
    assert NPI not in refused.error


def test_a_file_with_far_fewer_entries_is_taken_only_where_it_is_meant(tmp_path: Path) -> None:
    load(nppes_file(tmp_path, *(nppes.provider_row(f"{1000000000 + n}", "A", "B") for n in range(10))))
    small = nppes_file(tmp_path, dated=DAY + timedelta(days=7))
    with pytest.raises(WrongFile, match="may be cut off"):
        load(small)
    assert load(small, may_shrink=True).entries_count == 1


def test_the_command_takes_archives_and_says_what_is_in_use(tmp_path: Path) -> None:
    path = nppes_file(tmp_path)
    archive = tmp_path / "NPPES_Data_Dissemination.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.write(path, path.name)
        packed.writestr("npidata_pfile_20050523-20261101_fileheader.csv", "NPI")
    out = io.StringIO()
    call_command("import_register", "npi", archive, layout="nppes", stdout=out)
    assert "In use: npi, dated 2026-11-01, 1 entries." in out.getvalue()
    call_command("import_register", stdout=out)
    assert "npi  2026-11-01  nppes  in use  1 entries" in out.getvalue()
    with pytest.raises(CommandError, match="does not tell its date"):
        call_command("import_register", "npi", path.rename(tmp_path / "x.csv"), layout="nppes")
    assert "does not tell its date" in RegisterVersion.objects.get(state=VersionState.FAILED).error


@pytest.mark.parametrize("name", ["NPPES_Data.zip", "npidata_pfile_20050523-20261108.zip"])
def test_a_damaged_archive_is_kept_as_refused(tmp_path: Path, name: str) -> None:
    good = load(nppes_file(tmp_path))
    archive = tmp_path / name
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.write(nppes_file(tmp_path, dated=DAY + timedelta(days=7)), "npidata_pfile_20050523-20261108.csv")
    data = bytearray(archive.read_bytes())
    place = data.index(b"PK\x01\x02")
    data[place : place + 4] = b"XXXX"  # the directory, without which nothing is found
    archive.write_bytes(data)
    with pytest.raises(CommandError, match="damaged"):
        call_command("import_register", "npi", archive, layout="nppes")
    assert RegisterVersion.objects.current("npi") == good
    refused = RegisterVersion.objects.get(state=VersionState.FAILED)
    assert "damaged" in refused.error


@pytest.mark.parametrize("packed", [True, False], ids=["archive", "plain"])
@pytest.mark.parametrize("setting", ["REGISTER_MOST_BYTES", "REGISTER_MOST_ROWS"])
def test_a_file_beyond_the_limits_is_refused(tmp_path: Path, settings: Settings, setting: str, packed: bool) -> None:
    good = load(nppes_file(tmp_path))
    rows = [nppes.provider_row(f"{1000000000 + n}", "A", "B") for n in range(3)]
    path = nppes_file(tmp_path, *rows, dated=DAY + timedelta(days=7))
    if packed:
        archive = path.with_suffix(".zip")
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
            file.write(path, path.name)
        path = archive
    setattr(settings, setting, 2)
    with pytest.raises(WrongFile, match=f"too large: .*, and at most 2 are taken.*{setting}"):
        load(path)
    assert RegisterVersion.objects.current("npi") == good
    assert "too large" in RegisterVersion.objects.get(state=VersionState.FAILED).error
    assert RegisterEntry.objects.count() == 1


def test_a_register_in_the_plain_layout(tmp_path: Path) -> None:
    path = tmp_path / "plain.csv"
    head = "number,name,other_name,issuer,state,issued_on,expires_on,ended_on\n"
    path.write_text(head + "ab-1,\t李明,,省司法厅,in force,2020-01-02,2027-01-02,\n", encoding="utf-8")
    register_imports.import_register("law", register_imports.register_file(path, "plain", DAY))
    record = ImportedRegister("law").ask("AB1").record
    assert record is not None
    assert (record.name, record.issuer, record.expires_on) == ("\t李明", "省司法厅", date(2027, 1, 2))
    path.write_text(head + "ab-1,李明,,,valid,,,\n", encoding="utf-8")
    with pytest.raises(WrongFile, match="column state holds neither"):
        register_imports.import_register("law", register_imports.register_file(path, "plain", DAY + timedelta(days=1)))


PARTS = Record("1", given="ANNA", middle="MARIA", family="SCHMIDT", former_name="Anna Meyer")


@pytest.mark.parametrize(
    ("declared", "record", "same"),
    [
        ("Anna Schmidt", PARTS, True),
        ("Schmidt, Anna M.", PARTS, True),
        ("Dr. Anna Maria Schmidt, MD", PARTS, True),
        ("Ánna Schmídt", PARTS, True),
        ("Anna Meyer", PARTS, True),
        ("Anna Petra Schmidt", PARTS, False),
        ("Anna B. Schmidt", PARTS, False),
        ("Maria Schmidt", PARTS, False),
        ("A. Schmidt", PARTS, False),
        ("Schmidt", PARTS, False),
        ("", PARTS, False),
        ("Mary-Jane Do", Record("1", given="MARY JANE", family="DO"), True),
        ("Mary Jane", Record("1", given="MARY JANE", family="DO"), False),
        ("李 明", Record("1", name="李明"), True),
        ("明李", Record("1", name="李明"), False),
        ("張偉", Record("1", name="张伟"), True),
        ("Li Ming", Record("1", name="MING LI"), True),
        ("Li Min", Record("1", name="MING LI"), False),
    ],
    ids=[f"name-{number}" for number in range(18)],
)
def test_names_of_registers_are_compared(declared: str, record: Record, same: bool) -> None:
    assert is_same_name(declared, record) is same
