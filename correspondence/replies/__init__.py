"""What a hospital says in its reply: the words of eight languages, and how they are weighed."""
