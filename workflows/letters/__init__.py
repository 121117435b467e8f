"""Letters to patients and mail in and out."""
