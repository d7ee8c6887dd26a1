"""The back office and its model: work, doctor, keys, prompts, trial."""

from __future__ import annotations

import signal
import sys
import threading
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from supportdesk.cli.context import Shell, json_option, say, say_json
from supportdesk.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable

    from supportdesk.services.rounds import Done


@click.command("work")
@click.option("--once", is_flag=True, help="Do what waits and end, with a progress bar.")
@click.option("--limit", type=click.IntRange(min=1), help="Prepare at most so many, then end.")
@click.option("--pause", "change", flag_value="pause", help="Have every back office on this store prepare nothing.")
@click.option("--resume", "change", flag_value="resume", help="Let them go on.")
@click.option("--status", "change", flag_value="status", help="Say what they do now.")
@click.option("--attached", is_flag=True, hidden=True, help="End when standard input does.")
@json_option
@click.pass_obj
def work(shell: Shell, once: bool, limit: int | None, change: str | None, attached: bool, as_json: bool) -> None:
    """Be the back office: prepare what changed, fetch, send what is due, wake what was paused.

    Several may run at once. Ends cleanly on ctrl+c or SIGTERM, after what is under way.
    """
    if change is not None:
        _change(shell, change, as_json=as_json)
        return
    from supportdesk.bootstrap import back_office
    from supportdesk.cli.progress import progress_bar

    desk, office = back_office(shell.file)
    if attached:
        threading.Thread(target=_until_closed, args=(office.stop,), daemon=True).start()
    before = {s: signal.signal(s, lambda *_: office.stop()) for s in (signal.SIGTERM, signal.SIGINT)}
    failed: list[Done] = []
    printing = threading.Lock()

    def line(done: Done) -> None:
        if done.failed:
            failed.append(done)
        with printing:
            ref = f"#{done.ticket_id}" if done.ticket_id else "desk"
            sign = "failed: " if done.failed else ""
            if as_json:
                say_json(asdict(done))
            else:
                say(f"{datetime.now(UTC):%H:%M:%S} {ref} {sign}{done.words}".replace("\n", " "))
            sys.stdout.flush()

    try:
        if once:
            waiting = office.waiting()
            with progress_bar("Preparing", min(waiting, limit or waiting)) as advance:
                bar = sys.stderr.isatty()

                def told(done: Done) -> None:
                    if not bar or done.failed:
                        line(done)
                    advance()

                result = office.run(told, once=True, limit=limit or 0)
        else:
            result = office.run(line, limit=limit or 0)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        desk.close()
    prepared, broken, sent = result
    if as_json:
        say_json({"prepared": prepared, "failed": broken, "sent": sent})
    else:
        say(f"{prepared} tickets prepared, {broken} failed, {sent} replies sent.")
    if failed:
        raise SystemExit(1)


def _until_closed(stop: Callable[[], None]) -> None:
    """Whoever started us keeps our input open; when it closes, they are gone."""
    while sys.stdin.buffer.read(1024):
        pass
    stop()


def _change(shell: Shell, change: str, *, as_json: bool) -> None:
    with shell.desk() as desk:
        state = desk.office.state()
        if change != "status" and bool(state.paused_by) is (change == "resume"):
            desk.office.pause(desk.login)
            state = desk.office.state()
        if as_json:
            say_json({**asdict(state), "words": state.words})
        else:
            say(f"{state.words}{' (paused)' if state.paused_by and not state.workers else ''}")


@click.command("sent")
@click.argument("ref")
@json_option
@click.pass_obj
def sent_calls(shell: Shell, ref: str, as_json: bool) -> None:
    """Print what was sent to models for a ticket's preparation, exactly as it left, and what came back."""
    from supportdesk.cli.desk import ticket_number

    with shell.desk() as desk:
        case = desk.review.read(ticket_number(ref), desk.person)
        calls = desk.office.calls(case.preparation.provenance) if case.preparation else ()
    for call in calls:
        if as_json:
            say_json(asdict(call))
            continue
        price = f", ${call.cost:.4f}" if call.cost else ""
        say(f"call {call.id}  {call.at:%Y-%m-%d %H:%M:%S}  {call.model}  {call.outcome}")
        say(f"{call.tokens:,} tokens{price}, {call.seconds:.1f} s; {', '.join(call.prompts)}")
        say(call.sent)
        say(f"answer: {call.answer or '(none)'}")
    if not calls and not as_json:
        say("Nothing was sent to a model for this ticket.")


@click.command("doctor")
@json_option
@click.pass_obj
def doctor(shell: Shell, as_json: bool) -> None:
    """Make one tiny call of the model and say in plain words what is wrong, if anything is."""
    from supportdesk.bootstrap import examine_model
    from supportdesk.settings import load_settings, settings_file

    settings = load_settings()
    found = examine_model(settings)
    if as_json:
        say_json({"store": str(shell.file), "settings": str(settings_file()), **asdict(found)})
    else:
        say(f"store     {shell.file}{'' if shell.file.exists() else ' (not made yet)'}")
        say(f"settings  {settings_file()}{'' if settings_file().exists() else ' (none: defaults)'}")
        say(f"model     {found.model}{' (hosted: identifiers are replaced)' if found.hides else ''}")
        say(f"key       {found.key}")
        say(f"{'ok' if found.ok else 'wrong':<9} {found.words}")
    if not found.ok:
        raise SystemExit(1)


@click.group("key")
def key() -> None:
    """Keys and passwords: of model providers by their name, `smtp`, or a channel's name."""


@key.command("set")
@click.argument("name")
def set_key(name: str) -> None:
    """Keep a key; it is asked for, or read from a pipe, never given as an argument.

    Example: supportdesk key set openai
    """
    from supportdesk import secrets

    secrets.variables(name)
    value = click.prompt(f"Key for {name}", hide_input=True) if sys.stdin.isatty() else sys.stdin.readline()
    say(f"Kept in {secrets.store(name, value.strip())}.")


@key.command("forget")
@click.argument("name")
def forget_key(name: str) -> None:
    """Remove a key from keyring and file."""
    from supportdesk import secrets

    places = secrets.forget(name)
    say(f"Removed from {' and '.join(places)}." if places else f"No key for {name} was kept.")


@key.command("list")
@json_option
def list_keys(as_json: bool) -> None:
    """Say which of the keys the settings call for are there, and where; never their values."""
    from supportdesk import secrets
    from supportdesk.settings import load_settings

    settings = load_settings()
    models = (settings.assistant.model, *settings.assistant.tasks.values(), *settings.assistant.fallbacks)
    names = [m.partition("/")[0] for m in models if "/" in m]
    names += ["smtp"] if settings.delivery.kind == "smtp" and settings.delivery.user else []
    names += [channel.name.lower() for channel in settings.channels if channel.user]
    for name in dict.fromkeys(names):
        found = secrets.find(name)
        if as_json:
            say_json({"name": name, "where": found.where if found else None})
        else:
            say(f"{name:<16} {found.where if found else 'not set'}")
    if not names and not as_json:
        say("The settings call for no key.")


@click.group("prompts")
def prompts_group() -> None:
    """The templates a model is asked with; your own copies in the settings folder's `prompts` come first."""


@prompts_group.command("list")
@json_option
def list_prompts(as_json: bool) -> None:
    """List the prompts: version, hash, whose, and what each lets the model see."""
    import prompts

    for name in prompts.NAMES:
        found = prompts.load(name, _own_prompts())
        if as_json:
            values = {"version": found.version, "hash": found.digest, "own": found.own, "schema": found.schema}
            say_json({"name": name, **values, "sees": list(found.sees)})
        else:
            whose = "your own" if found.own else "packaged"
            say(f"{name:<14} v{found.version}  {found.digest}  {whose:<9} sees {', '.join(found.sees)}")


@prompts_group.command("show")
@click.argument("name")
def show_prompt(name: str) -> None:
    """Print a prompt as it is used."""
    import prompts

    prompts.load(name, _own_prompts())
    say(prompts.read(f"{name}.md", _own_prompts()).rstrip("\n"))


@prompts_group.command("diff")
@click.argument("name", required=False)
def diff_prompts(name: str | None) -> None:
    """Show what your own prompts change."""
    import difflib

    import prompts

    if name is not None and name not in prompts.NAMES:
        raise BadInput(f"There is no prompt “{name}”; there are {', '.join(prompts.NAMES)}.")
    changed = False
    for each in (name,) if name else prompts.NAMES:
        ours, own = prompts.read(f"{each}.md"), prompts.read(f"{each}.md", _own_prompts())
        lines = difflib.unified_diff(
            ours.splitlines(), own.splitlines(), f"packaged/{each}.md", f"own/{each}.md", lineterm=""
        )
        for diff in lines:
            changed = True
            say(diff)
    if not changed:
        say("No difference.")


@click.command("trial")
@click.option("--model", required=True, help="A model litellm knows, or `offline`.")
@click.option("--prompts", "folder", type=click.Path(path_type=Path, file_okay=False, exists=True), help="Your drafts.")
@click.option("--last", type=click.IntRange(min=1), default=50, show_default=True, help="So many decided tickets.")
@json_option
@click.pass_obj
def trial(shell: Shell, model: str, folder: Path | None, last: int, as_json: bool) -> None:
    """Prepare past decided tickets again, keep nothing, and compare with what people decided and sent."""
    from supportdesk.bootstrap import assistant_for_trial
    from supportdesk.cli.progress import progress_bar
    from supportdesk.services.trial import figures, try_out

    with shell.desk() as desk:
        assistant = assistant_for_trial(desk, model, folder)
        rows = []
        with progress_bar("Trying", last) as advance:
            for row in try_out(desk.store, desk.clock, assistant, last):
                rows.append(row)
                advance()
                if as_json:
                    say_json(asdict(row))
    summary = figures(rows)
    if as_json:
        say_json({"model": model, **summary})
        return
    if not rows:
        say("No ticket has been decided yet: there is nothing to compare with.")
        return
    say(f"{'ticket':>7} {'missed':<24} {'added':<24} route path  changed findings seconds")
    for row in rows:
        changed = f"{row.changed:7.0%}" if row.changed is not None else "      –"
        say(
            f"{'#' + str(row.ticket_id):>7} {' '.join(row.missed)[:24]:<24} {' '.join(row.added)[:24]:<24} "
            f"{'yes' if row.route_right else 'no':<5} {'yes' if row.path_right else 'no':<5} {changed} "
            f"{row.findings:8} {row.seconds:7.1f}"
        )
    for name, value in summary.items():
        say(f"{name.replace('_', ' '):<26} {value}")


def _own_prompts() -> Path:
    from supportdesk.paths import config_folder

    return config_folder() / "prompts"


COMMANDS = (work, sent_calls, doctor, key, prompts_group, trial)
