"""A route that does nothing: what Flask and its server cost by themselves."""

from flask import Flask

app = Flask(__name__)


@app.route("/bare")
def bare() -> str:
    """Answer without looking at anything."""
    return "bare"
