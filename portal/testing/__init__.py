"""What every test stands on: a PostgreSQL and a Valkey of their own, apart from the demo's."""
