"""The reference platform: a video platform in SQLite that implements the contract for platforms (portal/platforms/openapi).

A process of its own, to be read beside docs/connect-your-platform.md and to test against. `people` answers calls about accounts and
works, `moves` those about followers, `modes` those that a platform may leave out; each function says which call it answers (`calls`).
`store` has the tables, `server` is HTTP with signatures, `faults` what goes wrong on request, `pages` and `demo` are no part of the contract.
"""
