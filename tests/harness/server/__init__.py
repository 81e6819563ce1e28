"""Processes, services and sites, and the launcher that starts and ends them."""
