"""The harness's pytest plugin: options, markers, summary and catalogue."""
