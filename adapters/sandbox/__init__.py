"""The sandbox in which strangers' files are parsed.

`parser.start()` starts a module of ours in a process of its own; `enter` is what that process runs
first: it shuts itself in, then imports the module and calls its `main()`. See `docs/sandbox.md`.
"""
