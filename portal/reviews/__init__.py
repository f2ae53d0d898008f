"""The review queue: cases, claims, decisions, second approvals, appeals, clocks.

Products open cases (`actions.cases.open_case`), reviewers take them (`actions.queue.claim_next_case`), people
decide (`actions.decisions.record_decision`); the product carries the decision out in the same transaction.
"""
