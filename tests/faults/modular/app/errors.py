"""The error pages."""

from flask import render_template

from app import app, db


@app.errorhandler(404)
def not_found(error):
    """Answer an unknown address."""
    return render_template("404.html"), 404


@app.errorhandler(500)
def failed(error):
    """Answer an exception after a rollback."""
    db.session.rollback()
    return render_template("500.html"), 500
