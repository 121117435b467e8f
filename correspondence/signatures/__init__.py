"""Signatures of mail: checking those of letters that come in, and signing ours (RFC 6376, 8617).

Names are looked up by a function that the caller gives: this room asks no server by itself.
"""
