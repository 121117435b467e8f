"""Entry of `python -m cli`, which the launcher `./iort` runs."""

from cli.main import main

main()
