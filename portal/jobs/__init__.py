"""Background work as rows: kind, payload, dedup key, lease, fence, sweep.

`registry.register_kind()` and `registry.register_periodic()` say who does what; `queue.enqueue_job()` asks for it;
`attempts.JobAttempt` is what a handler gets.
"""
