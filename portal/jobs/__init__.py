"""Background work as rows: kind, payload, dedup key, lease, fence, sweep."""
