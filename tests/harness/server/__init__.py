"""What runs: processes, services, sites, and what starts and ends them."""
