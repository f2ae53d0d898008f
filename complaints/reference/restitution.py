"""Whether followers return, by the region of the account that is complained of."""

from complaints.states import RestitutionMode

# region, mode, days of hold, days in which a follower can undo it
POLICIES: list[tuple[str, str, int, int]] = [
    ("us", RestitutionMode.MOVE, 7, 30),
    ("eu", RestitutionMode.MOVE, 7, 30),
    # The notice of July 2023 on self-media forbids transferring followers as a service. What is right there is
    # `clear`: the followers leave the copy and are shown the original. That mode is not built, so nothing moves.
    ("cn", RestitutionMode.OFF, 7, 30),
]
