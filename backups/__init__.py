"""Copies of everything that must not be lost: the database and the object store, to one moment.

A backup is taken while the system works, and put back elsewhere. The broker holds rings only and is
not part of it; secrets and keys are kept apart from it. See `docs/backup.md`.
"""
