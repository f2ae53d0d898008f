"""The columns of the file npidata_pfile of the US register of health care providers (NPPES), in their order.

For files that are generated: the demo, the tests and the benchmark. What is read of them says layouts.py.
"""

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Final, TextIO

_NAME: Final = ("Last Name", "First Name", "Middle Name", "Name Prefix Text", "Name Suffix Text", "Credential Text")
_ADDRESS: Final = (
    *("Provider First Line {}", "Provider Second Line {}", "Provider {} City Name", "Provider {} State Name"),
    *("Provider {} Postal Code", "Provider {} Country Code (If outside U.S.)"),
    *("Provider {} Telephone Number", "Provider {} Fax Number"),
)  # fmt: skip
_ADDRESSES: Final = ("Business Mailing Address", "Business Practice Location Address")
_TAXONOMY: Final = (
    *("Healthcare Provider Taxonomy Code_{}", "Provider License Number_{}", "Provider License Number State Code_{}"),
    "Healthcare Provider Primary Taxonomy Switch_{}",
)
_OTHER: Final = (
    *("Other Provider Identifier_{}", "Other Provider Identifier Type Code_{}", "Other Provider Identifier State_{}"),
    "Other Provider Identifier Issuer_{}",
)
_OFFICIAL: Final = ("Last Name", "First Name", "Middle Name", "Title or Position", "Telephone Number")

COLUMNS: Final = (
    *("NPI", "Entity Type Code", "Replacement NPI", "Employer Identification Number (EIN)"),
    "Provider Organization Name (Legal Business Name)",
    "Provider Last Name (Legal Name)",
    *(f"Provider {name}" for name in _NAME[1:]),
    *("Provider Other Organization Name", "Provider Other Organization Name Type Code"),
    *(f"Provider Other {name}" for name in _NAME),
    "Provider Other Last Name Type Code",
    *(part.format(address) for address in _ADDRESSES for part in _ADDRESS),
    *("Provider Enumeration Date", "Last Update Date", "NPI Deactivation Reason Code", "NPI Deactivation Date"),
    *("NPI Reactivation Date", "Provider Sex Code"),
    *(f"Authorized Official {name}" for name in _OFFICIAL),
    *chain.from_iterable((part.format(number) for part in _TAXONOMY) for number in range(1, 16)),
    *chain.from_iterable((part.format(number) for part in _OTHER) for number in range(1, 51)),
    *("Is Sole Proprietor", "Is Organization Subpart", "Parent Organization LBN", "Parent Organization TIN"),
    *(f"Authorized Official {name}" for name in ("Name Prefix Text", "Name Suffix Text", "Credential Text")),
    *(f"Healthcare Provider Taxonomy Group_{number}" for number in range(1, 16)),
    "Certification Date",
)  # fmt: skip


def write_rows(file: TextIO, rows: Iterable[Mapping[str, str]]) -> None:
    """A file with these rows, every value in quotation marks as in the published one; what a row does not name is empty."""
    places = {column: number for number, column in enumerate(COLUMNS)}
    file.write(_line(COLUMNS))
    for row in rows:
        values = [""] * len(COLUMNS)
        for column, value in row.items():
            values[places[column]] = value.replace('"', '""')
        file.write(_line(values))


def _line(values: Iterable[str]) -> str:
    return '"' + '","'.join(values) + '"\n'


def provider_row(npi: str, given: str, family: str, *, middle: str = "", begun: str = "05/23/2006") -> dict[str, str]:
    """A person who is registered and in force."""
    return {
        "NPI": npi,
        "Entity Type Code": "1",
        "Provider Last Name (Legal Name)": family.upper(),
        "Provider First Name": given.upper(),
        "Provider Middle Name": middle.upper(),
        "Provider Enumeration Date": begun,
        "Last Update Date": begun,
        "Is Sole Proprietor": "N",
    }


def ended_row(npi: str, ended: str) -> dict[str, str]:
    """A number that was deactivated: the register publishes nothing else of it."""
    return {"NPI": npi, "NPI Deactivation Date": ended}
