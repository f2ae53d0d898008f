"""Registers of issuers: one interface, with adapters for imported files and for HTTP. The third way is a person who looks.

An adapter answers what the register says of a number; it compares nothing and decides nothing (comparing.py compares,
people decide). It never answers "absent" where it could not ask.
"""

from certification.registers.answers import Record, Register, RegisterSilent, Reply
from certification.registers.comparing import Finding, judge_reply
from certification.registers.finding import find_register
from certification.registers.values import RegisterCell, open_record, register_cells, seal_values

__all__ = [
    "Finding",
    "Record",
    "Register",
    "RegisterCell",
    "RegisterSilent",
    "Reply",
    "find_register",
    "judge_reply",
    "open_record",
    "register_cells",
    "seal_values",
]
