"""GitOps for the customers of an RPM Telco subscription."""
