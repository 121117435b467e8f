"""What becomes of personal data: how long they are kept, the patient's copy, and their erasure."""
