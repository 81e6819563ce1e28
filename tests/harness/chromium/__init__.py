"""What only a real browser shows: Chromium, driven by Playwright."""
