"""Compares runs, finds environments to compare, and bisects what broke between two."""
