"""What the site starts with: reasons of decisions, and the policy of restitution by region."""
