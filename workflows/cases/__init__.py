"""A case as a whole: intake, reported facts, assignment, endings."""
