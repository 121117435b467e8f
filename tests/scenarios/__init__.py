"""The fifteen scenarios of the acceptance text, each driven through the doors.

Families fill in the portal and write mail, hospitals answer over SMTP, the team works at console
and terminal, partners call hooks, and `iort clock --forward` moves time. What a scenario still
needs stands at the head of its module, with the theme that brings it.
"""
