"""The review queue: cases, claims, decisions, second approvals, appeals, clocks."""
