"""Webhooks: what partners, forms, stores and mail providers send us, and what we tell partners.

`inbox` keeps each delivery as it came and answers; the step in `taking` works it. `endpoints` and
`delivering` are the way out: one lane per partner, so that a slow one delays only itself.
"""
