"""The version that every finding carries; raise it whenever a reading could come out differently."""

EXTRACTOR_VERSION = "statements-1.0"
