"""How facts are recorded and due rows are worked."""
