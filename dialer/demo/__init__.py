"""The sample organisation and the one-machine floor that make demo shows."""
