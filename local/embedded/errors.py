"""Errors of the embedded servers, in words for the person who typed the command."""


class EmbeddedError(RuntimeError):
    """A server or process could not be started or stopped; the text says what to do."""
