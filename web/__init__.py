"""The web door and window: console for coordinators and clinicians, portal for patients, hooks.

Plain server-rendered pages that work without scripts; no SQL and no rules of the process here.
"""

import gc

# What is imported stays. To look through it for garbage meanwhile took an eighth of each start.
gc.set_threshold(50_000, 20, 50)
