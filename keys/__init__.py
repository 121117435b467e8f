"""Keys: the ring with its ids, what is signed, sealed and marked with them.

A value carries the id of the key it was made with, so that a ring may turn: the first key signs and
seals, the others still open what they made. This room knows no database and no network; it reads
one file, the ring's.
"""

from keys.keychain import Keychain
from keys.marks import Marks
from keys.ring import Key, KeyMissing, Ring, RingRefused
from keys.sealing import OpeningFailed, key_id_of, open_sealed, seal
from keys.timed import TokenExpired, TokenForged

__all__ = [
    "Key",
    "KeyMissing",
    "Keychain",
    "Marks",
    "OpeningFailed",
    "Ring",
    "RingRefused",
    "TokenExpired",
    "TokenForged",
    "key_id_of",
    "open_sealed",
    "seal",
]
