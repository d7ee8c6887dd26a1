"""Changing settings.toml: one value at a time, checked before it is written, comments kept."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args, get_origin

import tomlkit
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from tomlkit.exceptions import TOMLKitError

from supportdesk.errors import BadSettings
from supportdesk.paths import private_folder
from supportdesk.settings import Settings, load_settings, settings_from


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting, as a person meets it."""

    path: str
    """Its name: `delivery.host`."""
    value: str
    """What it is now, as it is typed; empty for nothing."""
    default: str
    """What it is where the file says nothing."""
    says: str
    """What it means."""
    choices: tuple[str, ...] = ()
    """What it can be, where only a few words fit."""
    plain: bool = True
    """Whether one line is enough to type it."""

    @property
    def table(self) -> str:
        """The table it stands in."""
        return self.path.rpartition(".")[0]

    @property
    def name(self) -> str:
        """Its name in its table."""
        return self.path.rpartition(".")[2]

    @property
    def changed(self) -> bool:
        """Whether it is another than the default."""
        return self.value != self.default


def shown(value: object) -> str:
    """A setting's value as people type and read it; empty for nothing."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None or value == "" or value == () or value == {}:
        return ""
    if isinstance(value, BaseModel):
        given = {name: getattr(value, name) for name in type(value).model_fields}
        return ", ".join(f"{name} {shown(each)}" for name, each in given.items() if each not in ("", None, False))
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {shown(each)}" for key, each in value.items())
    if isinstance(value, tuple | list):
        return ", ".join(shown(each) for each in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def listed(settings: Settings | None = None) -> Iterator[Setting]:
    """Every setting with its value, in the manual's order. Raises BadSettings."""
    settings = load_settings() if settings is None else settings
    for name, field in Settings.model_fields.items():
        table = getattr(settings, name)
        default = field.get_default(call_default_factory=True)
        if not isinstance(table, BaseModel):
            yield Setting(name, shown(table), shown(default), field.description or "", plain=False)
            continue
        for key, inner in type(table).model_fields.items():
            yield Setting(
                f"{name}.{key}",
                shown(getattr(table, key)),
                shown(inner.get_default(call_default_factory=True)),
                inner.description or "",
                _choices(inner),
                get_origin(inner.annotation) is not dict,
            )


def get(path: str, settings: Settings | None = None) -> object:
    """A setting's value: `delivery.host`, `channels.0.user`. Raises BadSettings for one that is not there."""
    at: object = load_settings() if settings is None else settings
    for part in path.split("."):
        if isinstance(at, BaseModel) and part in type(at).model_fields:
            at = getattr(at, part)
        elif isinstance(at, Mapping) and part in at:
            at = at[part]
        elif isinstance(at, tuple | list) and part.isdigit() and int(part) < len(at):
            at = at[int(part)]
        else:
            raise BadSettings(f"There is no setting {path}; `supportdesk config list` names them all.")
    return at


def meant(path: str, typed: str) -> object:
    """What typed words mean for a setting: a number, yes or no, a list, TOML. Raises BadSettings."""
    field = _field(path)
    if field is None:
        return _toml(path, typed)
    kind = field.annotation
    if kind is bool:
        words = typed.strip().lower()
        if words in ("yes", "true", "on", "1"):
            return True
        if words in ("no", "false", "off", "0"):
            return False
        raise BadSettings(f"{path} is yes or no, not “{typed}”.")
    if kind in (int, float):
        try:
            return int(typed) if kind is int else float(typed)
        except ValueError:
            raise BadSettings(f"{path} is a number, not “{typed}”.") from None
    if get_origin(kind) is tuple and not typed.lstrip().startswith("["):
        return [] if not typed.strip() else [w.strip() for w in next(csv.reader([typed], skipinitialspace=True))]
    if get_origin(kind) in (tuple, dict):
        return _toml(path, typed)
    return typed


def check(path: str, typed: str, file: Path) -> None:
    """Whether a setting could be so. Raises BadSettings with what is wrong, and what could be written instead."""
    _checked(_read(file), path, meant(path, typed), file)


def put(file: Path, path: str, value: object) -> None:
    """Write one setting; the file's comments stay. Raises BadSettings, and then nothing was written."""
    _write(file, _checked(_read(file), path, value, file))


def unset(file: Path, path: str) -> None:
    """Take a setting back to its default. Raises BadSettings where the file does not name it."""
    document = _read(file)
    *tables, name = path.split(".")
    at: Any = document
    for part in tables:
        at = at.get(part) if hasattr(at, "get") else None
    if at is None or name not in at:
        raise BadSettings(f"{file} says nothing of {path}; it is at its default.")
    del at[name]
    settings_from(tomlkit.loads(tomlkit.dumps(document)).unwrap(), str(file))
    _write(file, document)


def add_table(file: Path, name: str, values: Mapping[str, object]) -> None:
    """Add a `[[name]]` table, such as a channel. Raises BadSettings, and then nothing was written."""
    document = _read(file)
    new = tomlkit.table()
    new.update(dict(values))
    if name not in document:
        document.append(name, tomlkit.aot())
    many: Any = document[name]
    many.append(new)
    settings_from(tomlkit.loads(tomlkit.dumps(document)).unwrap(), str(file))
    _write(file, document)


def _field(path: str) -> FieldInfo | None:
    table, _, name = path.partition(".")
    outer = Settings.model_fields.get(table)
    kind = outer.annotation if outer is not None else None
    if not name or "." in name or not isinstance(kind, type) or not issubclass(kind, BaseModel):
        return None
    return kind.model_fields.get(name)


def _choices(field: FieldInfo) -> tuple[str, ...]:
    if field.annotation is bool:
        return ("yes", "no")
    args = get_args(field.annotation)
    return tuple(args) if args and all(isinstance(a, str) for a in args) else ()


def _toml(path: str, typed: str) -> object:
    try:
        return tomlkit.loads(f"value = {typed}").unwrap()["value"]
    except TOMLKitError:
        if typed[:1] in "[{" or not typed.strip():
            raise BadSettings(f"{path}: “{typed}” is no TOML value.") from None
        return typed


def _read(file: Path) -> tomlkit.TOMLDocument:
    try:
        return tomlkit.parse(file.read_text("utf-8"))
    except FileNotFoundError:
        return tomlkit.document()
    except OSError as error:
        raise BadSettings(f"Cannot read {file}: {error.strerror}.") from error
    except (TOMLKitError, UnicodeDecodeError) as error:
        raise BadSettings(f"{file} is not valid TOML: {error}. Nothing was changed.") from error


def _checked(document: tomlkit.TOMLDocument, path: str, value: object, file: Path) -> tomlkit.TOMLDocument:
    """The document with the value in it, if the settings as a whole can then be used."""
    *tables, name = path.split(".")
    at: Any = document
    for part in tables:
        if isinstance(at, Sequence) and not isinstance(at, str):
            if not part.isdigit() or int(part) >= len(at):
                raise BadSettings(f"There is no {path}: {len(at)} of {tables[0]} are set.")
            at = at[int(part)]
            continue
        if part not in at:
            at[part] = tomlkit.table()
        at = at[part]
    at[name] = value
    settings_from(tomlkit.loads(tomlkit.dumps(document)).unwrap(), str(file))
    return document


def _write(file: Path, document: tomlkit.TOMLDocument) -> None:
    """Whole or not at all; readable by its owner alone, as it may name people and servers."""
    try:
        private_folder(file.parent)
        real = file.resolve()
        descriptor, name = tempfile.mkstemp(dir=real.parent, prefix=".settings-", suffix=".toml")
        with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
            opened.write(tomlkit.dumps(document))
            opened.flush()
            os.fsync(opened.fileno())
        if real.exists():
            Path(name).chmod(real.stat().st_mode & 0o777)
        Path(name).replace(real)
    except OSError as error:
        raise BadSettings(f"Cannot write {file}: {error.strerror}. Nothing was changed.") from error
