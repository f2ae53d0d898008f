"""The grades of a comparison, the surest first."""

from typing import Final

IDENTICAL: Final = "identical"  # the same file by its sha256, which callers compare
MOTION_CONFIRMED: Final = "motion_confirmed"  # the same imagery, and the same things move alike within it
IMAGERY: Final = "imagery"  # the same imagery; motion does not confirm that it is the same recording
STATIC: Final = "static"  # the same imagery, in which nothing moves
SIMILAR: Final = "similar"  # no imagery in common was found, but the picture changes at the same moments
NOT_COMPARABLE: Final = "not_comparable"  # nothing was found, but too little of a video is recognisable
NONE: Final = "none"
GRADES: Final = (IDENTICAL, MOTION_CONFIRMED, IMAGERY, STATIC, SIMILAR, NOT_COMPARABLE, NONE)
