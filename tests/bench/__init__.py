"""Time and memory, beside programs that everybody has."""
