"""The sandbox's pages: what everybody sees, what the account that one acts as can do, and the videos."""
