"""The outside world, one small Protocol and one real implementation per part.

Object storage, mail out, mail in, webhooks out and in, virus scan, clock and the document
reader live here. Nothing in this room decides anything about a case: it moves bytes, and when
it fails it says what is certain (refused) and what is not (uncertain). Exceptions carry codes
and stages, never addresses, names or text of a message.
"""
