"""Listens at the mailbox (IMAP IDLE): a letter is taken as it comes, not at the next poll.

The poll goes on all the time: a server that tells nothing, or a connection that died unseen, costs
a few seconds and no letter.
"""

import threading
from datetime import timedelta

import structlog
from sqlalchemy.exc import OperationalError

from adapters.mail_in import MailInError
from workflows.engine.recurring import FETCH_MAIL, hurry
from workflows.engine.restored import is_held
from workflows.engine.world import World

log = structlog.get_logger("mailbox")

ANEW = timedelta(minutes=4)
"""So long one IDLE lasts: routers forget a connection that is silent for five minutes."""
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 300.0
_HELD = 10.0
"""Seconds until it is looked again whether a restored system was released."""
_RUN_OPEN = 0.5
"""Seconds until it is tried again while the mailbox is being read."""


class Listener:
    """Has the mailbox read whenever its server says that something came."""

    def __init__(self, world: World, stop: threading.Event) -> None:
        self._world = world
        self._stop = stop

    def start(self) -> None:
        """Listen in a thread of its own until `stop` is set or the process ends."""
        if self._world.settings.imap_user:
            threading.Thread(target=self.run, name="mailbox", daemon=True).start()

    def run(self) -> None:
        """Listen until `stop` is set; return at once where the server cannot tell."""
        pause = _FIRST_PAUSE
        mailbox = self._world.open_mailbox()
        while not self._stop.is_set():
            try:
                if is_held(self._world.engine):
                    self._stop.wait(_HELD)
                    continue
                news = mailbox.wait(ANEW.total_seconds(), self._stop)
                pause = _FIRST_PAUSE
                if news is None:
                    log.info("the mail server tells nothing by itself; it is polled")
                    break
                self._read_now(news)
            except (MailInError, OperationalError) as error:
                log.info("not listening at the mailbox; it is polled", error=type(error).__name__)
                self._stop.wait(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
        mailbox.close()

    def _read_now(self, news: bool) -> None:
        while news and not self._stop.is_set() and not hurry(self._world, FETCH_MAIL):
            self._stop.wait(_RUN_OPEN)
