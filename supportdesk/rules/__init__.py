"""Pure functions: text in, findings out. Word lists and weights are data files beside them."""
