"""The audit: what RPM has that git did not say, since when, and who set the YAML line. Makes read calls alone."""
