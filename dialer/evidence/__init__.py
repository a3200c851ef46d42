"""Leaves, tree, checkpoints, bundles and their verification: pure bytes."""
