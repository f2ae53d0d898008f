"""What leaves the portal over the network: claimed on a row, called without a transaction, recorded on the row."""
