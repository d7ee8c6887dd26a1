"""Out again: everything as JSON Lines, what was sent as an mbox, a ticket's files into a folder."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import click

from supportdesk.cli.context import Shell, json_option, say, say_json
from supportdesk.errors import BadInput


@click.command("export")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--sent", is_flag=True, help="Only what was sent, as an mbox.")
@click.option("--force", is_flag=True, help="Write over FILE where it is there.")
@click.pass_obj
def export(shell: Shell, path: Path, sent: bool, force: bool) -> None:
    """Write the whole desk to FILE as JSON Lines: tickets, messages, files, preparations, decisions, records.

    `-` is standard output; FILE.gz is compressed. `supportdesk import` of it into an empty store gives the same desk.

    Example: supportdesk export desk.jsonl.gz
    """
    from supportdesk.cli.progress import progress_bar
    from supportdesk.services.export import Exporting, mbox_entry, sent_mails

    with shell.desk() as desk:
        if sent:
            count = 0
            with _written(path, force) as out:
                for sender, at, raw in sent_mails(desk.store, desk.sending):
                    out.write(mbox_entry(sender, at, raw))
                    count += 1
            _tell(path, f"{count} sent mails exported to {path}.")
            return
        exporting = Exporting(desk.store, desk.clock)
        total = exporting.count()
        with _written(path, force) as out, progress_bar("Exporting", total) as advance:
            for line in exporting.lines(advance):
                out.write(line.encode("ascii") + b"\n")
        _tell(path, f"{total} tickets exported to {path}.")


@contextmanager
def _written(path: Path, force: bool) -> Iterator[IO[bytes] | gzip.GzipFile]:
    """A file that is there whole or not at all; standard output for `-`. Raises BadInput."""
    if str(path) == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    path = path.expanduser()
    if path.exists() and not force:
        raise BadInput(f"{path} is there already and was left as it is; name another, or use --force.")
    new = path.with_name(f".{path.name}.new")
    try:
        new.unlink(missing_ok=True)
        with new.open("xb") as file:
            new.chmod(0o600)
            if path.suffix == ".gz":
                with gzip.open(file, "wb", compresslevel=6) as packed:
                    yield packed
            else:
                yield file
        new.replace(path)
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror or error}.") from error
    finally:
        new.unlink(missing_ok=True)


def _tell(path: Path, words: str) -> None:
    """Say it where it does not get between the lines."""
    if str(path) == "-":
        click.echo(words, err=True)
    else:
        say(words)


@click.command("attachments")
@click.argument("ticket", metavar="TICKET")
@click.option("--save", "folder", type=click.Path(path_type=Path, file_okay=False), help="Save them into this folder.")
@json_option
@click.pass_obj
def attachments(shell: Shell, ticket: str, folder: Path | None, as_json: bool) -> None:
    """List the files of a ticket with type, size and a warning where one is due; save them under safe names.

    Example: supportdesk attachments 1042 --save ~/Downloads
    """
    from supportdesk.services.attachments import files_of, save_all

    number = _number(ticket)
    with shell.desk() as desk:
        found = files_of(desk.store, number)
        saved = save_all(desk.store, found, folder.expanduser()) if folder is not None else {}
        for place, file in enumerate(found):
            if as_json:
                values = {"message": file.message + 1, "name": file.name, "media_type": file.media_type}
                more = {"size": file.size, "sha256": file.sha256, "warning": file.warning}
                say_json({**values, **more, "saved": str(saved[place]) if place in saved else None})
                continue
            say(f"[{file.message + 1}] {file.safe_name}  {file.media_type}, {file.size:,} bytes")
            if file.warning:
                say(f"    careful: {file.warning}")
            if place in saved:
                say(f"    saved as {saved[place]}")
            elif folder is not None:
                say("    its content is not kept apart from the mail, so it was not saved")
        if not found and not as_json:
            say(f"#{number} has no files.")


@click.command("attach")
@click.argument("ticket", metavar="TICKET")
@click.argument("paths", nargs=-1, metavar="FILE...", type=click.Path(path_type=Path))
@click.option("--none", "clear", is_flag=True, help="Take all files off the draft instead.")
@click.pass_obj
def attach(shell: Shell, ticket: str, paths: tuple[Path, ...], clear: bool) -> None:
    """Let files go out with the draft of a ticket that you have; they keep their names.

    Example: supportdesk attach 1042 invoice.pdf
    """
    from supportdesk.services.attachments import attach_files

    if not paths and not clear:
        raise BadInput("Name the files to attach, or take them off with --none.")
    with shell.desk() as desk:
        names = attach_files(desk.store, desk.review, _number(ticket), desk.login, [p.expanduser() for p in paths])
        say(f"The draft of #{_number(ticket)} goes with {', '.join(names)}." if names else "It goes without files.")


def _number(ticket: str) -> int:
    number = ticket.removeprefix("#")
    if not number.isdigit():
        raise BadInput(f"“{ticket}” is no ticket's number; write 1042 or #1042.")
    return int(number)


COMMANDS = (export, attachments, attach)
