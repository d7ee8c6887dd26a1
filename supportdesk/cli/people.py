"""`supportdesk people`: who works at the desk."""

from __future__ import annotations

import click

from supportdesk.cli.context import Shell, json_option, say, say_json


@click.group("people", invoke_without_command=True)
@json_option
@click.pass_context
def people(ctx: click.Context, as_json: bool) -> None:
    """List who works at the desk; `add` changes it (a lead may)."""
    if ctx.invoked_subcommand is not None:
        return
    shell: Shell = ctx.obj
    with shell.desk() as desk:
        for person in desk.staff.all():
            if as_json:
                say_json({"login": person.login, "name": person.name, "role": person.role, "active": person.active})
            else:
                say(f"{person.login:<16} {person.role:<10} {'' if person.active else 'inactive  '}{person.name}")


@people.command("add")
@click.argument("login")
@click.option("--name", default="", help="How colleagues call them.")
@click.option("--role", default="agent", show_default=True, help="agent, lead, approver, or a role of your own.")
@click.option("--inactive", is_flag=True, help="They may not decide anything (any more).")
@click.pass_obj
def add(shell: Shell, login: str, name: str, role: str, inactive: bool) -> None:
    """Add a person, or change one. Example: supportdesk people add ana --name "Ana Reyes" --role lead."""
    from supportdesk.domain.people import Person

    with shell.desk() as desk:
        desk.staff.put(desk.login, Person(login, name, role, not inactive))
        say(f"{login} is {'inactive' if inactive else 'active'} as {role}.")


COMMANDS = (people,)
