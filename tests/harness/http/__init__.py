"""What a visitor sees and sends: browser, pages, forms, and raw requests."""
