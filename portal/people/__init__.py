"""People: users, roles and permissions in code, second factor, agencies and mandates."""
