"""The harness for what only a real browser shows: Chromium, driven by Playwright."""
