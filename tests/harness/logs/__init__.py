"""What stands in log files: records, and a search for secrets in them."""
