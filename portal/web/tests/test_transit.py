"""Time and room of bodies and answers: slow phones pass, trickles do not, and nobody takes all the room."""

import time

import pytest

from portal.web import transit
from portal.web.transit import Room, Transit, UploadRoom

MIB = 1 << 20


class _Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> _Clock:
    made = _Clock()
    monkeypatch.setattr(time, "monotonic", made)
    return made


def _seconds_until_cut(moment: _Clock, size: int, rate: float, patience: float = 60.0) -> float | None:
    """How long a line with so many bytes a second is borne; None if everything has moved by then."""
    began, transit = moment.now, Transit(patience)
    while transit.moved < size:
        moment.now += 1
        if moment.now > transit.deadline(size):
            return moment.now - began
        transit.move(int(rate))
    return None


def test_a_phone_gets_a_long_video_and_sends_a_long_form(moment: _Clock) -> None:
    one_mbit = 1_000_000 / 8
    assert _seconds_until_cut(moment, 512 * MIB, one_mbit, transit.SEND_SECONDS) is None
    assert _seconds_until_cut(moment, 101 * MIB, one_mbit, transit.BODY_SECONDS) is None


@pytest.mark.parametrize(("rate", "at_most"), [(0, 61), (1, 62), (transit.SLOWEST // 2, 121), (transit.SLOWEST, 8300)])
def test_a_trickle_is_cut(moment: _Clock, rate: float, at_most: float) -> None:
    cut = _seconds_until_cut(moment, 512 * MIB, rate)
    assert cut is not None
    assert cut <= at_most


def test_whoever_was_fast_may_not_stand_still_for_long(moment: _Clock) -> None:
    transit = Transit(60.0)
    transit.move(511 * MIB)
    moment.now += 61
    assert moment.now > transit.deadline(512 * MIB)


def test_room_is_taken_and_given_back() -> None:
    room = UploadRoom(whole=10, of_address=6, of_sender=4)
    first, second = Room(4, "a", "me"), Room(2, "a", "you")
    assert [room.take(first), room.take(second)] == ["", ""]
    assert room.take(Room(1, "b", "me")) == "sender"
    assert room.take(Room(1, "a", "third")) == "address"
    assert room.take(Room(4, "b", "third")) == ""
    assert room.take(Room(1, "", "")) == "process"
    assert room.taken == 10
    room.give_back(first)
    assert room.take(Room(1, "b", "me")) == ""
    for taken in (second, Room(4, "b", "third"), Room(1, "b", "me")):
        room.give_back(taken)
    assert room.taken == 0
    assert not room._taken, "nobody is remembered"
