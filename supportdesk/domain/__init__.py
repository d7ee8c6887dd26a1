"""What a desk is made of: frozen values and enums. No I/O, no clock of its own."""
