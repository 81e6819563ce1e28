"""HTTP clients of a site: browsers, pages, forms, and raw requests."""
