"""How messages come in and go out: mailboxes, exports, SMTP, Maildir."""
