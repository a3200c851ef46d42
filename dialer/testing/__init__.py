"""Shipped fakes that speak the real protocols."""
