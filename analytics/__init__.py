"""What analysts get: named questions over the views of schema `analytics`, and exports.

Everything here reads views that hold references, codes, dates and counts; no personal data.
"""
