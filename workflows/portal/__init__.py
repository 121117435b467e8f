"""What patients do on their pages."""
