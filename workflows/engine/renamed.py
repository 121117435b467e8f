"""Steps that were renamed: rows that wait under an old name go on under the new one."""

from collections.abc import Mapping

RENAMED: Mapping[str, str] = {}
"""Old name to new name. A line stays as long as rows may wait: a reminder waits for five years."""
