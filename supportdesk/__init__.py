"""supportdesk: a reviewer's workstation in the terminal."""

__version__ = "0.1.0"
