"""What userlink costs, as ratios to a bare implementation of the same work; see README.md."""
