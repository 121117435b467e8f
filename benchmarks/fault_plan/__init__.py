"""A seeded plan of faults over many cases: drawn, played, broken, watched, counted."""
