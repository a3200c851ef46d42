"""Recordings and artefacts, encrypted per subject."""
