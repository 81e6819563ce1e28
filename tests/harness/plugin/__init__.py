"""What the harness adds to pytest: options, markers, summary and catalogue."""
