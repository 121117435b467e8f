"""How a command says no."""


class CommandError(Exception):
    """The command was refused or failed; the text is shown to the user and names no patient."""
