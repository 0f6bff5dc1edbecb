"""What a step asks of a forge and tells it, over HTTP with the standard library: one narrow interface, two forges."""
