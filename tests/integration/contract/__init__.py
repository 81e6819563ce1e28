"""What a contract run finds out, of sites that stand in for a target."""
