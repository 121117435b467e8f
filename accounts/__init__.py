"""Who gets in: accounts, sessions, second factors, encryption at rest, the audit."""
