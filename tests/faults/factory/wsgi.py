"""The module that a server imports."""

from journal import create_app

app = create_app("settings")
