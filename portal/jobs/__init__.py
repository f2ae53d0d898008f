"""Background work as rows: kind, payload, dedup key, lease, fence, sweep.

`registry.register()` and `registry.periodic()` say who does what; `queue.enqueue()` asks for it;
`attempts.Run` is what a handler gets.
"""
