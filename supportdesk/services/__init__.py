"""Use cases, by step of the workflow."""
