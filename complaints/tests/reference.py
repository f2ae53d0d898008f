"""The reference platform, over HTTP, as the only platform of the portal."""

import pytest

from complaints.restitution import attribution
from portal.connectors import upkeep
from portal.connectors.http.connector import HttpPlatform
from portal.connectors.http.running_reference import RunningReference
from portal.jobs import runner
from portal.platforms import registry


def use_reference_platform(running: RunningReference, patch: pytest.MonkeyPatch, *, code: str = "reference") -> None:
    """Empty it, and have a job ask what it serves; pages keep their size."""
    running.clear()
    made = HttpPlatform(running.config(code))
    patch.setattr(registry, "_connectors", {made.code: made.connector()})
    patch.setattr(attribution, "next_page_size", lambda batch, _seconds: batch)
    upkeep.ask_platforms()
    runner.run_due_jobs()
