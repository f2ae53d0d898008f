"""The connectors to platforms, one package each; which of them are made, and how, says the setting PLATFORMS."""
