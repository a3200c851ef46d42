"""The law as data: kinds, packs, parsing, resolution."""
