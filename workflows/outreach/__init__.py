"""Enquiries to hospitals, their replies and offers."""
