"""`manage.py rebuild_library`: entries of the library of an earlier version made anew from stored fingerprints, without delay.

After an update that changes the words of works, the library finds none that it holds in the old form. The periodic task makes
all anew as jobs, each with a search; this command makes entries alone, some forty a second, and may run beside the workers.
"""

from typing import Any

from django.core.management.base import BaseCommand

from complaints.actions.indexing import rebuild_entries

_OFTEN = 1000


class Command(BaseCommand):
    help = "Make entries of the library of an earlier version anew from stored fingerprints."

    def handle(self, *args: Any, **options: Any) -> None:
        made, left = rebuild_entries(self._say)
        self.stdout.write(f"{made} entries made anew, {left} left, whose files have to be read: jobs do that.")

    def _say(self, made: int) -> None:
        if made % _OFTEN == 0:
            self.stdout.write(f"{made} entries")
