"""PostgreSQL and Valkey from wheels, started by the commands that need them; never in production."""
