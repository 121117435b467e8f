"""Dates: a playbook and its anchor dates become dated items.

The travel checklist, the earliest feasible admission, visa-stay arithmetic, the follow-up
schedule, completeness profiles and working-day clocks. Everything here is pure: the present
moment is an argument, the playbooks are handed in as text or path.
"""
