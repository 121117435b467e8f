"""Tests, one folder for each room; `conftest.py` says which fixtures all of them may use."""
