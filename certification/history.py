"""How a certificate stood at any moment, from what was written down when it happened; later events change no answer."""

from datetime import datetime
from typing import Final

from certification.models import Certificate
from certification.states import CertificateState

NOT_ISSUED: Final = "not_issued"  # the certificate did not exist yet
NOT_YET: Final = "not_yet"  # issued, but its time had not begun


def state_at(certificate: Certificate, at: datetime) -> str:
    """The state of a certificate at a moment: a value of CertificateState, NOT_ISSUED or NOT_YET. One query.

    From its dates and interruptions, which its moves write (certification/models/interruptions.py). ACTIVE exactly while
    the gate is open to its holder and its label shows. For a moment to come it is as far as is known now.
    """
    if at < certificate.issued_at:
        return NOT_ISSUED
    state = certificate.state_at(at)
    return NOT_YET if state == CertificateState.ACTIVE and at < certificate.valid_from else state
