"""SQLModel tables, mapping, migrations, guards and search. Rows never leave this package."""
