"""Short films drawn by arithmetic, and edited copies of films: for the demo, the tests and the benchmarks.

`draw` (drawing.py) and `copy` (editing.py) are the doors; interiors.py and landscapes.py paint the sets.
"""

from portal.engines.films.drawing import SUBJECTS, draw
from portal.engines.films.editing import copy, encode

__all__ = ["SUBJECTS", "copy", "draw", "encode"]
