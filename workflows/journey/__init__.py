"""Admission, travel, treatment, return, follow-up."""
