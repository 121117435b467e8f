"""Suitability results, signatures, and the report of both."""
