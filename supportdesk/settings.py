"""settings.toml: everything a person may set, with its default and what it means. Field docstrings are the manual."""

from __future__ import annotations

import os
import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from supportdesk.errors import BadSettings
from supportdesk.paths import config_folder


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class DeskSettings(_Table):
    """`[desk]`: who we are."""

    name: str = "Support"
    """Name our mail comes from."""
    address: str = ""
    """Mail address our mail comes from; empty until you send mail."""
    own_addresses: tuple[str, ...] = ()
    """Other addresses of ours: mail from them is an agent's, never a customer's."""
    signature: str = ""
    """Put under every reply."""


class DeliverySettings(_Table):
    """`[delivery]`: how approved replies leave."""

    kind: Literal["maildir", "smtp"] = "maildir"
    """`maildir` writes them into a folder; `smtp` sends them."""
    folder: str = ""
    """The Maildir; empty for `outbox` beside the store."""
    host: str = ""
    """SMTP server."""
    port: int = Field(default=587, ge=1, le=65535)
    """SMTP port."""
    security: Literal["starttls", "tls", "none"] = "starttls"
    """How the connection is kept private; `none` only for a server on this machine."""
    user: str = ""
    """Login at the server; the password is kept by `supportdesk key set smtp`."""
    login: Literal["password", "xoauth2"] = "password"
    """What the key is: a password or an OAuth 2 access token."""
    timeout: float = Field(default=30, gt=0, le=600)
    """Seconds to wait for the server."""
    ca: str = ""
    """File with the authority to trust, for a server with a certificate of its own."""
    insecure: bool = False
    """Whether any certificate will do, and a password may travel in clear. Only for trying things out."""
    sent: str = ""
    """Name of the `imap` channel whose `sent_folder` gets a copy of what is sent; empty for the first that has one."""
    recall_seconds: int = Field(default=15, ge=0, le=3600)
    """How long an approved reply can be called back."""


class ChannelSettings(_Table):
    """`[[channels]]`: a way messages come in by themselves."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,39}$")
    """What you call it: small letters, digits, dots, dashes and underlines."""
    kind: Literal["imap", "folder", "rt", "zammad", "chatwoot"]
    """What it is: a mailbox, a folder that is watched, or a helpdesk that is read."""
    host: str = ""
    """IMAP server."""
    port: int = Field(default=993, ge=1, le=65535)
    """IMAP port."""
    security: Literal["tls", "starttls", "none"] = "tls"
    """How the connection is kept private."""
    user: str = ""
    """Login; the password is kept by `supportdesk key set NAME`."""
    login: Literal["password", "xoauth2"] = "password"
    """What the key is: a password or an OAuth 2 access token."""
    folder: str = "INBOX"
    """Mailbox, or the folder to watch."""
    url: str = ""
    """Address of a helpdesk, such as `https://rt.example.org`; its token is kept by `supportdesk key set NAME`."""
    account: int = Field(default=1, ge=1)
    """Number of the account at a Chatwoot."""
    search: str = ""
    """Which tickets of a helpdesk to read, in its own query language; empty for all."""
    after: Literal["nothing", "seen", "move"] = "nothing"
    """What to do with a fetched mail on the server, or (`move`) with a file that was read."""
    move_to: str = ""
    """Where to move it, for `after = "move"`."""
    every: int = Field(default=60, ge=1, le=86400)
    """Seconds between looks where the server cannot tell us."""
    sent_folder: str = ""
    """Mailbox for copies of what we send; empty for none."""
    timeout: float = Field(default=30, gt=0, le=600)
    """Seconds the server may stay silent."""
    ca: str = ""
    """File with the authority to trust, for a server with a certificate of its own."""
    insecure: bool = False
    """Whether any certificate will do, and a password may travel in clear. Only for trying things out."""


class IdentitySettings(_Table):
    """`[identities.QUEUE]`: whom mail from a queue comes from, where it is not the desk itself."""

    name: str = ""
    """Name its mail comes from; empty for the desk's."""
    address: str = ""
    """Mail address its mail comes from; empty for the desk's."""
    signature: str = ""
    """Put under its replies; empty for the desk's."""


_Task = Annotated[str, Field(pattern="^(triage|summary|reply|clarification|redraft|theme)$")]


class AssistantSettings(_Table):
    """`[assistant]`: who prepares tickets."""

    model: str = "offline"
    """`offline`, or a model litellm knows: `ollama/llama3.1`, `openai/gpt-4.1-mini`, …"""
    base_url: str = ""
    """Where the model's server is, if not where litellm expects it."""
    tasks: dict[_Task, str] = Field(default_factory=dict)
    """Another model for a task: `{ reply = "openai/…" }`."""
    fallbacks: tuple[str, ...] = ()
    """Models to try when the first fails, in order; offline is always the last."""
    timeout: float = Field(default=60, gt=0, le=3600)
    """Seconds a call may take."""
    concurrency: int = Field(default=4, ge=1, le=64)
    """Calls at the same time."""
    retries: int = Field(default=2, ge=0, le=10)
    """How often a call is tried again when the server is busy."""
    daily_cost: float = Field(default=0, ge=0)
    """US dollars a day at most; 0 for no limit."""
    daily_tokens: int = Field(default=0, ge=0)
    """Tokens a day at most; 0 for no limit."""
    confidence: float = Field(default=0.5, ge=0, le=1)
    """Below this the ticket is flagged `low_confidence`."""
    placeholders: Literal["hosted", "always", "never"] = "hosted"
    """Whether personal identifiers are replaced before a call: for hosted models, always, never."""
    notes: bool = False
    """Whether the model sees internal notes."""


class AuthoritySettings(_Table):
    """`[[authority]]`: a role may grant a kind of commitment up to an amount."""

    role: str
    """Whom it empowers."""
    kind: Literal["money", "deadline", "exception", "service_change", "outcome"]
    """Which sort of commitment."""
    up_to: Decimal | None = None
    """Largest amount; none for no limit."""
    currency: str = ""
    """Currency of the limit (ISO 4217); empty for any."""
    queue: str = ""
    """Only in this queue; empty for all."""


_Kind = Literal["money", "deadline", "exception", "service_change", "outcome"]
_EVERYTHING: tuple[_Kind, ...] = ("money", "deadline", "exception", "service_change", "outcome")


def _default_authority() -> tuple[AuthoritySettings, ...]:
    lead = tuple(AuthoritySettings(role="lead", kind=kind) for kind in _EVERYTHING)
    approver = tuple(
        AuthoritySettings(role="approver", kind=kind, up_to=Decimal(500) if kind == "money" else None)
        for kind in _EVERYTHING
    )
    return (*lead, *approver, AuthoritySettings(role="agent", kind="deadline"))


class GateSettings(_Table):
    """`[gate]`: what a team adds to the checklist; nothing can be taken away."""

    items: tuple[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,30}$")], ...] = ()
    """Further checklist items."""
    four_eyes: tuple[str, ...] = ()
    """Triggers for which whoever wrote the words may not approve them."""
    weigh_unescalated: bool = True
    """Whether the workstation asks once more before it sends on the escalation path without an escalation decided."""
    reasons_reject: tuple[str, ...] = ("wrong_facts", "wrong_tone", "not_ours_to_promise", "incomplete", "other")
    """Reason codes for rejecting a draft."""
    reasons_reroute: tuple[str, ...] = ("wrong_queue", "needs_specialist", "language", "duplicate", "other")
    """Reason codes for rerouting a ticket."""
    reasons_escalate: tuple[str, ...] = ("beyond_authority", "risk", "repeated", "complaint", "unclear_policy", "other")
    """Reason codes for escalating a ticket."""
    reasons_problem: tuple[str, ...] = ("not_true", "no_source", "not_allowed", "unkind", "private", "other")
    """Reason codes for a problem in the checklist."""


_SPAN = r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$"
_Spans = tuple[Annotated[str, Field(pattern=_SPAN)], ...]


class HoursSettings(_Table):
    """`[hours]`: when somebody is there; escalation clocks stand still outside these hours."""

    zone: str = "UTC"
    """Time zone: `Europe/Berlin`, `America/New_York`, …"""
    monday: _Spans = ("09:00-17:00",)
    """Open from and to, local time; several with a break; none for a day off."""
    tuesday: _Spans = ("09:00-17:00",)
    """As Monday."""
    wednesday: _Spans = ("09:00-17:00",)
    """As Monday."""
    thursday: _Spans = ("09:00-17:00",)
    """As Monday."""
    friday: _Spans = ("09:00-17:00",)
    """As Monday."""
    saturday: _Spans = ()
    """As Monday."""
    sunday: _Spans = ()
    """As Monday."""
    holidays: tuple[date, ...] = ()
    """Days on which nobody is there: `[2026-12-25]`."""

    @property
    def week(self) -> tuple[_Spans, ...]:
        """Monday to Sunday."""
        return (
            self.monday,
            self.tuesday,
            self.wednesday,
            self.thursday,
            self.friday,
            self.saturday,
            self.sunday,
        )


class ClockSettings(_Table):
    """`[escalation.clocks.TRIGGER]`: how long an escalation for this trigger may take."""

    acknowledge: float = Field(gt=0, le=60 * 24 * 30)
    """Minutes until somebody has said they have it."""
    resolve: float = Field(gt=0, le=24 * 365)
    """Hours until it is decided."""
    around_the_clock: bool = False
    """Whether nights, weekends and holidays count."""


def _default_clocks() -> dict[str, ClockSettings]:
    return {
        "default": ClockSettings(acknowledge=240, resolve=16),
        "safety": ClockSettings(acknowledge=15, resolve=4, around_the_clock=True),
        "vulnerable": ClockSettings(acknowledge=60, resolve=8),
        "privacy": ClockSettings(acknowledge=120, resolve=24),
        "legal": ClockSettings(acknowledge=120, resolve=24),
    }


class EscalationSettings(_Table):
    """`[escalation]`: how long owners have, and how they hear of it."""

    clocks: dict[str, ClockSettings] = Field(default_factory=_default_clocks)
    """By trigger; `default` for those without one of their own."""
    warn_at: float = Field(default=0.75, gt=0, lt=1)
    """Share of the time after which a warning comes."""
    notify: tuple[str, ...] = ()
    """Command that tells an owner; the particulars come as JSON on its standard input. Empty for none."""
    notify_timeout: float = Field(default=20, gt=0, le=600)
    """Seconds that command may take."""


class ExerciseSettings(_Table):
    """`[exercises]`: now and then a draft with a planted fault, on an invented ticket that nothing can send."""

    every: int = Field(default=0, ge=0, le=100_000)
    """After how many of a person's decisions one comes, once a lead has announced them; 0 for never."""


class WorkstationSettings(_Table):
    """`[workstation]`: how it looks."""

    theme: str = "desk-dark"
    """Name of a theme."""
    keys: dict[str, str] = Field(default_factory=dict)
    """Other keys for commands: `{ "review.approve" = "ctrl+a" }`."""
    start_worker: bool = True
    """Whether the workstation starts a back office when none runs."""
    macros: dict[str, str] = Field(default_factory=dict)
    """Saved replies by name; {name}, {requester}, {subject}, {ref}, {agent} and {desk} are filled in."""
    views: dict[str, str] = Field(default_factory=dict)
    """Named filters beside the queue: `{ Refunds = "trigger:refund is:free" }`."""


class Settings(_Table):
    """The whole file."""

    desk: DeskSettings = DeskSettings()
    """Who we are."""
    delivery: DeliverySettings = DeliverySettings()
    """How replies leave."""
    channels: tuple[ChannelSettings, ...] = ()
    """How messages come in."""
    identities: dict[str, IdentitySettings] = Field(default_factory=dict)
    """Name, address and signature of a queue."""
    assistant: AssistantSettings = AssistantSettings()
    """Who prepares tickets."""
    authority: tuple[AuthoritySettings, ...] = Field(default_factory=_default_authority)
    """Who may promise what."""
    gate: GateSettings = GateSettings()
    """What the team adds to the gate."""
    hours: HoursSettings = HoursSettings()
    """When somebody is there."""
    escalation: EscalationSettings = EscalationSettings()
    """How long escalations may take."""
    exercises: ExerciseSettings = ExerciseSettings()
    """Whether reviewers get exercises."""
    workstation: WorkstationSettings = WorkstationSettings()
    """How it looks."""
    routing: dict[str, Any] = Field(default_factory=dict)
    """Categories, queues and rules, laid over the ones that come with the program."""


def settings_file() -> Path:
    """Where the settings lie."""
    return config_folder() / "settings.toml"


def load_settings(file: Path | None = None) -> Settings:
    """Read the settings; defaults where there is no file.

    Raises BadSettings with the file, the setting and what is wrong with it.
    """
    file = file or settings_file()
    try:
        with file.open("rb") as opened:
            values = tomllib.load(opened)
    except FileNotFoundError:
        return Settings()
    except OSError as error:
        raise BadSettings(f"Cannot read {file}: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSettings(f"{file} is not valid TOML: {error}.") from error
    return settings_from(values, str(file))


def settings_from(values: dict[str, Any], source: str) -> Settings:
    """Settings from a parsed file. Raises BadSettings naming the source."""
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        problem = "is no setting" if first["type"] == "extra_forbidden" else first["msg"].lower()
        raise BadSettings(f"{source}: {where} {problem}. Nothing was changed.") from error


def current_login() -> str:
    """Who is at the keyboard: SUPPORTDESK_LOGIN (for a forced SSH command), SUDO_USER, or the system's user."""
    import getpass

    for variable in ("SUPPORTDESK_LOGIN", "SUDO_USER"):
        if name := os.environ.get(variable, "").strip():
            return name
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid{os.getuid()}" if hasattr(os, "getuid") else "someone"
