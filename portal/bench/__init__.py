"""Benchmarks for `manage.py bench NAME`, one module each with `add_arguments(parser)` and `run(options, say)`.

`run` measures production actions and returns a dict of figures; `say` prints progress. What they share is in
`measuring`: a database made for the run, checkpoints, turns, processes that work at the same time, percentiles.
"""
