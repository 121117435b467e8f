"""The version that every finding carries; raised whenever a reading could come out differently."""

EXTRACTOR_VERSION = "statements-2.6"
