"""Figures that depend on the machine: ``tox -e bench``. What must hold, is tested."""
