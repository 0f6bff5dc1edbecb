"""GitOps for the customers of an RPM Telco subscription."""

from __future__ import annotations

__version__ = "0.1.0"
