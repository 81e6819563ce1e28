"""Compares runs in different environments, and bisects between two of them."""
