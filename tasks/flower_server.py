"""Flower, asked for its password on every page: `python -m tasks.flower_server --port=5555`.

Flower itself answers `/metrics` to anybody, and takes options from every `FLOWER_*` variable, among
them one that opens its API. Here user and password are our settings, and only `/healthcheck`, which
says "OK" and nothing else, answers without them.
"""

import os
import sys
from collections.abc import Sequence

from flower.command import ENV_VAR_PREFIX
from flower.views.monitor import Metrics
from tornado.options import options
from tornado.web import authenticated

from safety import safe
from settings import Settings, get_settings
from tasks.app import app


def guard(settings: Settings) -> None:
    """Give Flower its password and close what stands open; ValueError without a password."""
    password = settings.flower_password.get_secret_value()
    if not password:
        raise ValueError("IORT_FLOWER_PASSWORD is missing: Flower would be open to everybody")
    for name in [name for name in os.environ if name.startswith(ENV_VAR_PREFIX)]:
        del os.environ[name]
    # Not by a variable: a password with a comma would be taken for two.
    options.basic_auth = [f"{settings.flower_user}:{password}"]
    setattr(Metrics, "get", authenticated(Metrics.get))  # noqa: B010 - a method of another's


def main(arguments: Sequence[str]) -> None:
    """Run Flower until SIGTERM; `safety.Unsafe` where production would be unsafe."""
    guard(safe(get_settings(), needs=["flower_password"]))
    app.conf.include = []  # it draws tasks by their names and runs none
    sys.argv[1:] = list(arguments)
    app.start(["flower", *arguments])


if __name__ == "__main__":
    main(sys.argv[1:])
