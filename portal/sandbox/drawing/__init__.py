"""Short videos drawn by arithmetic, and edited copies of videos: for the demo, the tests and the benchmarks.

`draw` (drawing.py) and `copy` (editing.py) are the entry points; interiors.py and landscapes.py paint the sets.
"""

from portal.sandbox.drawing.editing import edit_video, encode_video
from portal.sandbox.drawing.videos import SUBJECTS, draw_video

__all__ = ["SUBJECTS", "draw_video", "edit_video", "encode_video"]
