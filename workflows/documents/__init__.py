"""A case's documents: stored, read, noted, complete or not."""
