"""What must hold of every open case, looked at every few minutes: whatever does not is a task."""
