class SandboxConnector:
    code = "sandbox"
