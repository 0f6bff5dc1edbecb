"""The pages in a real browser: what a person can see, type, press and read there."""
