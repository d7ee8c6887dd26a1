"""Who prepares a ticket: offline rules, or any language model."""
