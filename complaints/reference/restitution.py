"""Whether followers return, by the region of the account that is complained of."""

from complaints.states import RestitutionMode

# region, mode, days of hold, days in which a follower can undo it
POLICIES: list[tuple[str, str, int, int]] = [
    ("us", RestitutionMode.MOVE, 7, 30),
    ("eu", RestitutionMode.MOVE, 7, 30),
    # The notice of July 2023 on self-media forbids transferring followers as a service: the followers leave the copy
    # and are shown the original, and nobody is moved.
    ("cn", RestitutionMode.CLEAR, 7, 30),
]
