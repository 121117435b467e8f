"""The command line: `iort ...`, one file per noun. It asks, shows and hands on; it decides nothing.

`main.py` holds the table of commands; a command's module is imported only when it is called.
"""
