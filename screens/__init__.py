"""One module a screen: asks services, hands values to widgets, turns their messages into service calls."""
