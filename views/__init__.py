"""What the windows show: reads shared by console and command line, none of which decides anything.

Every function takes a session and returns plain values; nothing here writes.
"""
