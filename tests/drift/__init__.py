"""The audit: whose value it is, where it came from, and why RPM has another."""
