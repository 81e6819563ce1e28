"""``python -m harness_probe.run``: a script that turns debug mode on by itself."""

from harness_probe import app

app.run(port=0, debug=True)
