"""What third parties may replace or observe: the hooks, the manager of one client, and what is built in."""
