"""After a backup was put back: what it does not know, what may have left, and letting it go."""
