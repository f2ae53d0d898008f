import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.media.ranges import ByteRange, UnsatisfiableRange, parse_range

SIZE = 100


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-", ByteRange(0, 100)),
        ("bytes=0-0", ByteRange(0, 1)),
        ("bytes=10-19", ByteRange(10, 20)),
        ("bytes=99-", ByteRange(99, 100)),
        ("bytes=90-1000", ByteRange(90, 100)),
        ("bytes=-1", ByteRange(99, 100)),
        ("bytes=-100", ByteRange(0, 100)),
        ("bytes=-101", ByteRange(0, 100)),
        ("Bytes=1-2", ByteRange(1, 3)),
        ("bytes= 1-2 ", ByteRange(1, 3)),
        # Ignored: the whole is sent instead.
        ("", None),
        ("bytes=", None),
        ("bytes=-", None),
        ("bytes=2-1", None),
        ("bytes=1-2,4-5", None),
        ("bytes=x-y", None),
        ("bytes=--1", None),
        ("bytes=+1-2", None),
        ("bytes=１-２", None),
        ("seconds=0-1", None),
        ("bytes=" + "9" * 30 + "-", None),
    ],
)
def test_headers(header: str, expected: ByteRange | None) -> None:
    assert parse_range(header, SIZE) == expected


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=5000-"])
def test_beyond_the_end(header: str) -> None:
    with pytest.raises(UnsatisfiableRange):
        parse_range(header, SIZE)


_PLACE = st.integers(0, 300)
# A busy machine is no fault of the strategies.
_patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@_patient
@given(data=st.binary(min_size=1, max_size=200), first=_PLACE, last=_PLACE | st.none())
def test_first_and_last_are_a_slice_of_the_bytes(data: bytes, first: int, last: int | None) -> None:
    expected = data[first:] if last is None else data[first : last + 1]
    header = f"bytes={first}-{'' if last is None else last}"
    if last is not None and last < first:
        assert parse_range(header, len(data)) is None
    elif not expected:
        with pytest.raises(UnsatisfiableRange):
            parse_range(header, len(data))
    else:
        found = parse_range(header, len(data))
        assert found is not None
        assert data[found.start : found.end] == expected


@_patient
@given(data=st.binary(min_size=1, max_size=200), last=st.integers(1, 300))
def test_a_suffix_is_the_end_of_the_bytes(data: bytes, last: int) -> None:
    found = parse_range(f"bytes=-{last}", len(data))
    assert found is not None
    assert data[found.start : found.end] == data[-last:]


@_patient
@given(header=st.text(max_size=40))
def test_nothing_else_does_harm(header: str) -> None:
    try:
        found = parse_range(header, SIZE)
    except UnsatisfiableRange:
        return
    assert found is None or 0 <= found.start < found.end <= SIZE
