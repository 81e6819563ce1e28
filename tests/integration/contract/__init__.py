"""What a contract run finds out about sites that stand in for a target."""
