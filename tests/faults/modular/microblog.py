"""The module that `flask run` imports."""

from app import app as application

__all__ = ["application"]
