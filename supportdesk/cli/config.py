"""Settings in the shell, and what a shell needs to complete our commands."""

from __future__ import annotations

from pathlib import Path

import click

from supportdesk.cli.context import json_option, say, say_json
from supportdesk.errors import BadSettings


@click.group("config")
def config() -> None:
    r"""Read, check and change settings.toml.

    \b
    Examples:
      supportdesk config list
      supportdesk config set desk.name "Fernweh Cycles"
      supportdesk config set delivery.recall_seconds 30
      supportdesk config check
    """


@config.command("list")
@click.option("--changed", is_flag=True, help="Only those that are not at their default.")
@json_option
def list_settings(changed: bool, as_json: bool) -> None:
    r"""List every setting: its value, its default, what it means.

    \b
    Example:
      supportdesk config list --changed
    """
    from supportdesk.settings_file import listed

    table = ""
    for setting in listed():
        if changed and not setting.changed:
            continue
        if as_json:
            values = {"setting": setting.path, "value": setting.value, "default": setting.default}
            say_json({**values, "says": setting.says, "choices": list(setting.choices)})
            continue
        if setting.table != table:
            table = setting.table
            say(f"\n[{table}]" if table else "")
        sign = "*" if setting.changed else " "
        say(f"{sign} {setting.name:<18} {setting.value or '–':<28} {setting.says}")
    if not as_json:
        say("\n* changed from its default")


@config.command("get")
@click.argument("name")
@json_option
def get_setting(name: str, as_json: bool) -> None:
    r"""Print one setting.

    \b
    Example:
      supportdesk config get delivery.kind
    """
    from supportdesk.settings_file import get, shown

    value = get(name)
    if as_json:
        say_json({"setting": name, "value": shown(value)})
    else:
        say(shown(value))


@config.command("set")
@click.argument("name")
@click.argument("value")
def set_setting(name: str, value: str) -> None:
    r"""Change one setting; it is checked first, and the file's comments stay. Lists are comma-separated.

    \b
    Examples:
      supportdesk config set assistant.model ollama/llama3.1
      supportdesk config set gate.four_eyes "refund, legal"
      supportdesk config set workstation.keys '{ "review.approve" = "ctrl+a" }'
    """
    from supportdesk.settings import settings_file
    from supportdesk.settings_file import get, meant, put, shown

    get(name) if name.count(".") < 2 else None
    put(settings_file(), name, meant(name, value))
    say(f"{name} is now {shown(get(name)) or 'empty'}.")


@config.command("unset")
@click.argument("name")
def unset_setting(name: str) -> None:
    r"""Take one setting back to its default.

    \b
    Example:
      supportdesk config unset desk.name
    """
    from supportdesk.settings import settings_file
    from supportdesk.settings_file import get, shown, unset

    unset(settings_file(), name)
    say(f"{name} is back at its default: {shown(get(name)) or 'empty'}.")


@config.command("path")
def path() -> None:
    r"""Print where the settings lie.

    \b
    Example:
      "$EDITOR" "$(supportdesk config path)"
    """
    from supportdesk.settings import settings_file

    click.echo(str(settings_file()))


@config.command("check")
@click.argument("file", required=False, type=click.Path(path_type=Path))
def check(file: Path | None) -> None:
    r"""Say whether a settings file can be used, and what is wrong with it.

    \b
    Examples:
      supportdesk config check
      supportdesk config check team-settings.toml
    """
    from supportdesk.rules.routing import routing_from
    from supportdesk.settings import load_settings, settings_file
    from supportdesk.settings_file import listed

    if file is not None and not file.exists():
        raise BadSettings(f"There is no {file}.")
    named = file or settings_file()
    settings = load_settings(named)
    routing_from(settings.routing)
    _check_keys(settings.workstation.keys, settings.workstation.views, named)
    changed = sum(setting.changed for setting in listed(settings))
    what = f"{changed} setting{'' if changed == 1 else 's'} changed" if named.exists() else "no file: all defaults"
    say(f"{named} can be used ({what}).")


def _check_keys(keys: dict[str, str], views: dict[str, str], file: Path) -> None:
    from supportdesk.domain.query import parse_query
    from supportdesk.errors import BadInput
    from widgets.commands import unknown_keys

    if unknown := unknown_keys(keys):
        raise BadSettings(f"{file}: workstation.keys names commands that do not exist: {', '.join(unknown)}.")
    for name, typed in views.items():
        try:
            parse_query(typed)
        except BadInput as error:
            raise BadSettings(f"{file}: the view “{name}”: {error}") from error


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    r"""Print the script that lets a shell complete our commands and options.

    \b
    Examples:
      supportdesk completion bash > ~/.local/share/bash-completion/completions/supportdesk
      supportdesk completion zsh > ~/.zfunc/_supportdesk
      supportdesk completion fish > ~/.config/fish/completions/supportdesk.fish
    """
    from click.shell_completion import get_completion_class

    from supportdesk.cli.main import cli

    kind = get_completion_class(shell)
    assert kind is not None
    made = kind(cli, {}, "supportdesk", "_SUPPORTDESK_COMPLETE")
    # Its own source() would look for a bash to ask for its version; the script is the same without.
    click.echo(made.source_template % made.source_vars())


COMMANDS = (config, completion)
