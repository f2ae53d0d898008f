"""Webhooks: what platforms are told about their own accounts, as signed messages to addresses that administrators enter."""
