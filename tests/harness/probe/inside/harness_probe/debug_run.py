"""``python -m harness_probe.debug_run``: a script that turns debug mode on itself."""

from harness_probe import app

app.run(port=0, debug=True)
