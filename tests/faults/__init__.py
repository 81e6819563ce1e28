"""Deliberate faults, and the small applications that they are put into."""
