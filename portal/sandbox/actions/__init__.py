"""What people do on the sandbox. `by` is the account that acts."""
