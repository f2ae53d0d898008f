"""The helper that does something in a copy of the test's process."""

import asyncio
from asyncio import events

import pytest
from django.db import connection

from portal.people.models import User
from portal.testing.concurrency import forked

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_copy_made_beside_a_running_loop_does_not_take_up_an_earlier_connection() -> None:
    """As in a test beside those of the browser, whose loop runs in this thread."""
    connection.ensure_connection()
    earlier = connection.connection
    loop = asyncio.new_event_loop()
    events._set_running_loop(loop)
    try:
        with forked(User.objects.count) as process:
            earlier.close()  # its session on the server ends
            process.join(30)
            assert process.exitcode == 0
    finally:
        events._set_running_loop(None)
        loop.close()
        connection.close()
