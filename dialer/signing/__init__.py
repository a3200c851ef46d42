"""Keys: sealing, signing, certificates."""
