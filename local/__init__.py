"""What runs on one machine only: the embedded servers and the rehearsal."""
