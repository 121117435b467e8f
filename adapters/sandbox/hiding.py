"""A process that holds secrets hides them from other processes of its user."""

import contextlib

from adapters.sandbox import kernel


def hide() -> None:
    """Let nobody but root read this process's memory and environment, nor trace it (Linux).

    Also: it leaves no core file. Programs that it starts are not hidden by it.
    """
    if kernel.IS_LINUX:
        with contextlib.suppress(OSError):
            kernel.control(kernel.PR_SET_DUMPABLE, 0)
