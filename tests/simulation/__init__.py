"""Seeded simulation of the real code: a virtual clock, the embedded RPM in process, faults, a busy human, crashes."""
