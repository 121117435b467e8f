"""How a case moves: the vocabulary of events, THE table of what happens when, and the engine.

`table.py` is the process on one screen; `engine.py` writes facts; `steps/` are the plain functions
that do one step each; `decisions/` are the answers that people may give. Nothing here knows
Celery: steps are named by their task name.
"""
