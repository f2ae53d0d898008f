"""Everything that can be done in certification: keyword-only verbs with `by=`, one transaction each."""
