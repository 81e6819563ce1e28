"""``python -m harness_probe.create_all``: create the tables of the models."""

from harness_probe import app, database

with app.app_context():
    database.create_all(app)
