"""Hospitals and their units: the store, cells, changes, files in and out."""
