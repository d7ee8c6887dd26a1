"""The console script."""

import sys


def main() -> int:
    """Run the command line and return its exit status."""
    from supportdesk.cli.front import on_terminal, open_store, store_named

    arguments = sys.argv[1:]
    plain, store = store_named(arguments)
    if plain and on_terminal():
        try:
            return open_store(store)
        except (Exception, KeyboardInterrupt) as error:
            from supportdesk.cli.main import told

            return told(error)
    from supportdesk.cli.main import run

    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
