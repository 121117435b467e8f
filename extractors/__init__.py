"""Document pages in, findings out: sections, statements, identity. No I/O of its own."""
