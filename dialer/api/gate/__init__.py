"""The permit gate's few routes."""
