"""Forms: what a printed page of labels and options states, before any sentence is looked for.

A form prints every possible answer and marks one. `stated` leaves of each group of options only
what is ticked, so that no pattern ever sees an answer that was not given; a group that cannot be
settled leaves nothing, and is kept as an `OpenGroup` for a person to be asked.
"""
