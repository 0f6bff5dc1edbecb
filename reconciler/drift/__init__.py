"""The audit: where RPM differs from git, since when, why, and who set the YAML line. Makes only read calls."""
