"""Rehearsal: plays the people and a hospital, so that the whole process can be watched and tested.

Everybody here is invented and every case is marked as rehearsal, event by event. It works on the
embedded servers only: `Rehearsal` and `open_case` refuse anything else.
"""
