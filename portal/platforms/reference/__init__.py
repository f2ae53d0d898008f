"""The reference platform: a video platform in SQLite that implements the contract for platforms (portal/platforms/openapi).

A process of its own, to be read beside docs/connect-your-platform.md and to test against. `store` has its tables,
`people` accounts, works and what is done to them, `moves` followers, `server` HTTP with signatures and faults.
"""
