"""A raw message as a letter: its parts and texts, who or what wrote it, what in it is new."""
