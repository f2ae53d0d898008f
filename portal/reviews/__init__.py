"""The review queue: cases, claims, decisions, second approvals, appeals, clocks.

Products open cases (`actions.cases.open`), reviewers take them (`actions.queue.claim_next`), people
decide (`actions.decisions.record`); the product carries the decision out in the same transaction.
"""
