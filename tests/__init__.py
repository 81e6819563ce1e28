"""The suite: what the microblog does, proven."""
