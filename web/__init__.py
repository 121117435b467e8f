"""The web door and window: console for coordinators and clinicians, portal for patients, hooks.

Plain server-rendered pages that work without scripts; no SQL and no rules of the process here.
"""
