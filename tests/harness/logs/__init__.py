"""Log files: their records, and a search for secrets in them."""
