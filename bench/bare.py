"""A route that does nothing: the cost of Flask and its server alone."""

from flask import Flask

app = Flask(__name__)


@app.route("/bare")
def bare() -> str:
    """Return a constant."""
    return "bare"
