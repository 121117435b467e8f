"""Records for hospitals: chosen, prepared, approved page by page, opened by a link, and closed."""
