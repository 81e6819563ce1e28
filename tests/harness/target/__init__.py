"""What is started: the implementation, its copy, its environment and its commands."""
