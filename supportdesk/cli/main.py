"""The command line: one group, errors as one sentence, no traceback ever shown to a person."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from supportdesk import __version__
from supportdesk.cli.context import Shell
from supportdesk.errors import DeskError
from supportdesk.text import clean


class LazyGroup(click.Group):
    """A group whose commands live in modules that are imported when they are used."""

    modules = (
        "workstation",
        "mail",
        "channels",
        "export",
        "desk",
        "work",
        "filters",
        "people",
        "config",
        "lead",
        "report",
        "themes",
        "articles",
        "routes",
        "promises",
        "records",
        "rules",
    )

    def list_commands(self, _context: click.Context) -> list[str]:
        """Every command's name, in reading order."""
        return list(self._all())

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        """A command by name."""
        return self._all().get(name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Every command with its whole first sentence, on as many lines as that takes."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, first_sentence(command)) for name, command in self._all().items()])

    def _all(self) -> dict[str, click.Command]:
        from importlib import import_module

        if not self.commands:
            for module in self.modules:
                for command in import_module(f"supportdesk.cli.{module}").COMMANDS:
                    _unescape(command)
                    self.add_command(command)
        return dict(self.commands)


def first_sentence(command: click.Command) -> str:
    """What a command is for."""
    return (
        " ".join((command.short_help or command.help or "").split("\n\n")[0].split()).split(". ")[0].rstrip(".:") + "."
    )


def _unescape(command: click.Command) -> None:
    """Turn the mark for "do not wrap this" into the character click looks for; a raw docstring cannot hold it."""
    if command.help:
        command.help = command.help.replace("\\b\n", "\b\n")
    if isinstance(command, click.Group):
        for other in command.commands.values():
            _unescape(other)


@click.group(cls=LazyGroup, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--store", metavar="FILE", help="The desk's file (default: in your data folder, or SUPPORTDESK_STORE).")
@click.version_option(__version__, prog_name="supportdesk")
@click.pass_context
def cli(ctx: click.Context, store: str | None) -> None:
    """Review AI-prepared support replies in the terminal. Without a command: open the workstation."""
    ctx.obj = Shell(store)
    if ctx.invoked_subcommand is None:
        from supportdesk.cli.workstation import open_workstation

        open_workstation(ctx.obj)


def run(arguments: Sequence[str]) -> int:
    """Run a command line; returns its exit status."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    try:
        result = cli.main(args=list(arguments), prog_name="supportdesk", standalone_mode=False)
    except (Exception, KeyboardInterrupt) as error:
        return told(error)
    return result if isinstance(result, int) else 0


def told(error: BaseException) -> int:
    """Tell a person what went wrong, in one sentence; returns the exit status it means."""
    if isinstance(error, DeskError):
        return _say(str(error), error.exit_status)
    if isinstance(error, (click.exceptions.Abort, KeyboardInterrupt)):
        return _say("Stopped.", 130)
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return error.exit_code
    if isinstance(error, click.ClickException):
        return _say(_sentence(error), error.exit_code)
    if isinstance(error, BrokenPipeError):
        # Whoever read our output has enough; Python must not complain about it at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    from supportdesk.crash import keep

    return _say(f"Something went wrong in supportdesk itself ({type(error).__name__}); {keep(error)}", 70)


def _sentence(error: click.ClickException) -> str:
    """What was wrong with a command line, and where its help is."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "supportdesk"
    words = error.format_message()
    return f"{words}{'' if words.endswith(('.', '?', ')')) else '.'} See `{command} --help`."


def _say(words: str, status: int) -> int:
    click.echo(f"supportdesk: {clean(words, one_line=True)}", err=True)
    return status
