"""The ring of secret keys as it is used: what hangs on each key, and turning it."""
