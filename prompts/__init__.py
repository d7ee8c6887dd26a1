"""The templates a person may read and edit, one file a task, loaded by name.

A prompt begins with a TOML header between two `+++` lines; its body is a Jinja template that can do very
little: no globals, few filters, no methods, no repetition of text, a cap on what comes out.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from supportdesk.errors import BadSettings

if TYPE_CHECKING:
    from jinja2 import Template
    from jinja2.sandbox import ImmutableSandboxedEnvironment

TASKS = ("triage", "summary", "reply", "clarification", "redraft", "theme")
"""What a model can be asked for."""
NAMES = ("frame", *TASKS)
"""Every prompt there is; `frame` stands before each of the others."""
SCHEMAS = ("", "triage", "summary", "reply", "theme")
"""Shapes of an answer a header may name."""
SIGHTS = ("thread", "records", "articles", "routing", "draft", "instruction", "letters")
"""What a header may ask to see."""
VALUES = ("desk", "marker", "categories", "triggers", "language", "missing", "instruction", "keys")
"""Names a body may use."""
LONGEST = 20_000
"""Characters a template, and what comes out of it, may have."""

_FILTERS = ("join", "tojson", "upper", "lower", "title", "trim", "length", "default", "first", "last")


@dataclass(frozen=True, slots=True)
class Prompt:
    """One task's template, as it was read."""

    name: str
    """The task."""
    version: int
    """Raised by whoever changes it."""
    schema: str
    """Shape of the answer."""
    sees: tuple[str, ...]
    """What of a ticket goes along."""
    body: str
    """The template."""
    digest: str
    """First 12 hex digits of the whole file's SHA-256."""
    own: bool = False
    """Whether it is the team's own copy."""

    @property
    def label(self) -> str:
        """How a preparation records it: `reply@1#0f3a…`."""
        return f"{self.name}@{self.version}#{self.digest}"


def read(name: str, folder: Path | None = None) -> str:
    """The text of a template: a team's own copy in `folder` if there is one, else the packaged one.

    Raises FileNotFoundError for a name nobody knows.
    """
    own = folder / name if folder is not None else None
    if own is not None and own.is_file():
        return own.read_text(encoding="utf-8")
    return _packaged(name)


@lru_cache(maxsize=64)
def _packaged(name: str) -> str:
    return (resources.files(__name__) / name).read_text(encoding="utf-8")


def load(name: str, folder: Path | None = None) -> Prompt:
    """A task's prompt, checked. Raises BadSettings naming the file and what is wrong with it."""
    if name not in NAMES:
        raise BadSettings(f"There is no prompt “{name}”; there are {', '.join(NAMES)}.")
    own = folder / f"{name}.md" if folder is not None else None
    where = str(own) if own is not None and own.is_file() else f"the packaged {name}.md"
    try:
        text = read(f"{name}.md", folder)
    except (OSError, UnicodeDecodeError) as error:
        raise BadSettings(f"{where} cannot be read: {error}.") from error
    return _parsed(name, text, where, own is not None and own.is_file())


@lru_cache(maxsize=64)
def _parsed(name: str, text: str, where: str, own: bool) -> Prompt:
    if len(text) > LONGEST:
        raise BadSettings(f"{where} is longer than {LONGEST:,} characters.")
    header, body = _halves(text, where)
    prompt = Prompt(
        name=name,
        version=_checked(header, "version", int, where),
        schema=_checked(header, "schema", str, where),
        sees=tuple(str(s) for s in _checked(header, "sees", list, where)),
        body=body,
        digest=hashlib.sha256(text.encode()).hexdigest()[:12],
        own=own,
    )
    _check(prompt, header, where)
    return prompt


def render(prompt: Prompt, values: Mapping[str, object]) -> str:
    """A prompt's body with its values. Raises BadSettings when it cannot be, or grows too long."""
    from jinja2 import TemplateError

    given = {name: values.get(name, "") for name in VALUES}
    parts: list[str] = []
    size = 0
    try:
        for part in _template(prompt.body).generate(given):
            size += len(part)
            if size > LONGEST:
                raise BadSettings(f"The prompt {prompt.name} grows beyond {LONGEST:,} characters.")
            parts.append(part)
    except (TemplateError, TypeError, ValueError, ArithmeticError, RecursionError) as error:
        raise BadSettings(f"The prompt {prompt.name} cannot be filled in: {error}.") from error
    return "".join(parts).strip()


def _halves(text: str, where: str) -> tuple[dict[str, Any], str]:
    lines = text.splitlines()
    try:
        if lines[0].strip() != "+++":
            raise IndexError
        end = next(i for i, line in enumerate(lines[1:], 1) if line.strip() == "+++")
    except (IndexError, StopIteration):
        raise BadSettings(f"{where} must begin with a header between two lines of +++.") from None
    try:
        return tomllib.loads("\n".join(lines[1:end])), "\n".join(lines[end + 1 :])
    except tomllib.TOMLDecodeError as error:
        raise BadSettings(f"{where}: its header is not valid TOML: {error}.") from error


def _checked(header: Mapping[str, Any], key: str, kind: type[Any], where: str) -> Any:
    value = header.get(key)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise BadSettings(f"{where}: its header needs {key} = {kind.__name__}.")
    return value


def _check(prompt: Prompt, header: Mapping[str, Any], where: str) -> None:
    from jinja2 import TemplateError, meta

    if header.get("name") != prompt.name:
        raise BadSettings(f"{where}: its header must have name = “{prompt.name}”.")
    packaged = {"frame": "", "triage": "triage", "summary": "summary", "theme": "theme"}.get(prompt.name, "reply")
    if prompt.schema != packaged:
        raise BadSettings(f"{where}: schema must be “{packaged}”.")
    if strange := [s for s in prompt.sees if s not in SIGHTS]:
        raise BadSettings(f"{where}: sees has “{strange[0]}”; it may have {', '.join(SIGHTS)}.")
    try:
        environment = _environment()
        unknown = meta.find_undeclared_variables(environment.parse(prompt.body)) - set(VALUES)
        _template(prompt.body)
    except TemplateError as error:
        raise BadSettings(f"{where}: {error}.") from error
    if unknown:
        raise BadSettings(f"{where}: it uses “{sorted(unknown)[0]}”; it may use {', '.join(VALUES)}.")


@lru_cache(maxsize=64)
def _template(body: str) -> Template:
    return _environment().from_string(body)


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    """A sandbox that cannot grow text: no `*`, `**` or `%`, no methods, no globals, few filters."""
    from jinja2 import StrictUndefined
    from jinja2.exceptions import SecurityError
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Small(ImmutableSandboxedEnvironment):
        intercepted_binops = frozenset({"*", "**", "%"})

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            raise SecurityError(f"{operator} is not for prompts")

        def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
            return not callable(value) and super().is_safe_attribute(obj, attr, value)

    environment = Small(undefined=StrictUndefined, autoescape=False)
    environment.globals.clear()
    environment.filters = {name: environment.filters[name] for name in _FILTERS}
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False}
    return environment
