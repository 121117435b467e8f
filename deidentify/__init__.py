"""What of a page's words tells who the patient is: found, and looked for again when it is gone.

`find(identity, words)` says what has to go; `survivors(identity, words)` looks, with looser eyes,
at what is left and says what keeps it here. Words in, places
out: no file, network, database or clock.
"""

from deidentify.block import survivors
from deidentify.found import find
from deidentify.types import Box, Hit, Identity, Kind, Survivor, Word

__all__ = ["Box", "Hit", "Identity", "Kind", "Survivor", "Word", "find", "survivors"]
