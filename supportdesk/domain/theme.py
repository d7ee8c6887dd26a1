"""What the desk can learn: themes of its letters and their way to a remedy, and what people change in drafts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Cause(StrEnum):
    """Why something is asked again and again."""

    INSTRUCTIONS = "instructions"
    FORM = "form"
    POLICY = "policy"
    SOURCE = "source"
    ROUTING = "routing"

    @property
    def words(self) -> str:
        """The cause in words."""
        return {
            Cause.INSTRUCTIONS: "instructions are missing or hard to find",
            Cause.FORM: "the intake form asks too little",
            Cause.POLICY: "the policy is too technical or buried",
            Cause.SOURCE: "the template, prompt or source is weak",
            Cause.ROUTING: "categories or routing are unclear",
        }[self]

    @property
    def path(self) -> str:
        """What would be improved."""
        return {
            Cause.INSTRUCTIONS: "article",
            Cause.FORM: "form",
            Cause.POLICY: "article",
            Cause.SOURCE: "template",
            Cause.ROUTING: "routing",
        }[self]


class ThemeState(StrEnum):
    """How far a theme has come."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    MENDED = "mended"
    CLOSED = "closed"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Theme:
    """What many letters of a period are about; proposed, until a person confirms it."""

    name: str
    """Its most telling words."""
    keys: tuple[str, ...]
    """The words it is recognised by in another period."""
    tickets: tuple[int, ...]
    """Its tickets, the most typical first."""
    before: int
    """How many there were in the period of the same length before."""
    quotes: tuple[tuple[int, str], ...]
    """The beginnings of its most typical letters, as (ticket, words)."""


@dataclass(frozen=True, slots=True)
class ThemeFacts:
    """What became of a theme's tickets, from which its cause is proposed."""

    tickets: int
    """How many."""
    asked: int = 0
    """In how many a detail was missing or asked for."""
    rerouted: int = 0
    """How many were rerouted."""
    sent: int = 0
    """How many got a reply the assistant had drafted."""
    corrected: int = 0
    """How many of those drafts were changed."""
    cited: int = 0
    """How many replies rested on an article."""
    article: str = ""
    """The article that fits best; empty where none does."""


@dataclass(frozen=True, slots=True)
class KnownTheme:
    """A theme in the desk's register, with what people made of it."""

    id: int
    """Its number."""
    kind: str
    """`theme`, or `route` for a wrong way tickets keep taking."""
    name: str
    """What it is called."""
    keys: tuple[str, ...]
    """The words it is recognised by; from and to for a route."""
    queue: str
    """The queue it was looked for in; empty for all."""
    since: datetime
    """Beginning of the period it was found in, UTC."""
    until: datetime
    """End of that period, UTC."""
    found: int
    """How many tickets it had then."""
    before: int
    """How many in the period before."""
    cause: Cause
    """Why it is asked, as proposed or as the person said who confirmed it."""
    why: str
    """What the proposed cause rests on, in words and numbers."""
    state: ThemeState
    """How far it has come."""
    owner: str
    """Login or role of who sees to it."""
    path: str
    """What is improved: article, form, template, prompt, routing."""
    article: str
    """Slug of the article that came of it."""
    note: str
    """What the person said who confirmed, rejected or mended it."""
    proposed_at: datetime
    """When, UTC."""
    decided_at: datetime | None
    """When it was confirmed or rejected, UTC."""
    decided_by: str
    """By whom."""
    mended_at: datetime | None
    """When the remedy was in place, UTC; its effect is measured from there."""
    tickets: tuple[int, ...] = ()
    """Its tickets, the most typical first."""
    looked: tuple[tuple[str, int], ...] = ()
    """Examples that were looked at, as (login, ticket)."""

    def looked_at_by(self, login: str) -> int:
        """How many examples a person has looked at."""
        return sum(who == login for who, _ in self.looked)


@dataclass(frozen=True, slots=True)
class Effect:
    """Whether a remedy helped: how often a theme came before it and since."""

    days: float
    """How many days since the remedy, and before it, were compared."""
    before: int
    """Letters in so many days before."""
    after: int
    """Letters in so many days since."""
    letters_before: int
    """All letters in so many days before."""
    letters_after: int
    """All letters since."""

    @property
    def change(self) -> float | None:
        """By how much its share of all letters changed: -0.5 for half as often; None when nothing can be said."""
        if not self.before or not self.letters_before or not self.letters_after:
            return None
        return (self.after / self.letters_after) / (self.before / self.letters_before) - 1


@dataclass(frozen=True, slots=True)
class Sent:
    """A draft of the assistant's and what was sent instead of it."""

    ticket_id: int
    """Whose ticket."""
    category: str
    """What it was about."""
    drafted: str
    """The assistant's words."""
    sent: str
    """The words that were approved."""
    articles: tuple[str, ...] = ()
    """Slugs the draft rested on."""
    prompts: tuple[str, ...] = ()
    """name@version#hash of the prompts it was made with; empty for the offline rules."""
    rules: tuple[str, ...] = ()
    """Names of the rules whose findings stood in the draft."""


@dataclass(frozen=True, slots=True)
class Change:
    """One run of words in a word diff."""

    kept: bool
    """Whether both have it."""
    drafted: str
    """The assistant's words; empty where words were added."""
    sent: str
    """The words sent; empty where words were taken out."""


@dataclass(frozen=True, slots=True)
class Correction:
    """A sentence the assistant keeps writing and people keep changing."""

    category: str
    """Where."""
    sentence: str
    """The assistant's sentence."""
    changed: int
    """How often it was changed or taken out."""
    written: int
    """How often it was drafted."""
    tickets: tuple[int, ...]
    """The tickets in which it was changed."""
    instead: tuple[str, ...]
    """What people wrote instead, the commonest first; empty words for taking it out."""
    article: str = ""
    """The article the drafts rested on most."""
    prompt: str = ""
    """The prompt version they were made with most."""
    rule: str = ""
    """The rule that found something in those drafts most often."""
    place: int = 0
    """Which sentence of the draft it usually is, from 1."""
    mend: str = ""
    """Where to mend it: `article:SLUG`, `prompt:NAME` or `template:offline.toml`."""


@dataclass(frozen=True, slots=True)
class Rerouted:
    """One ticket that somebody sent on to another queue."""

    ticket_id: int
    """Which."""
    source: str
    """Where it was."""
    target: str
    """Where it was sent."""
    reason: str
    """The reviewer's reason code."""
    category: str
    """What triage took it for."""
    letter: str
    """Its subject and first letter."""


@dataclass(frozen=True, slots=True)
class WrongRoute:
    """A way tickets were sent that people keep changing, with what would send them right."""

    source: str
    """The queue they were in."""
    target: str
    """The queue people sent them to."""
    count: int
    """How often."""
    total: int
    """How many decisions were made on tickets in the first queue."""
    tickets: tuple[int, ...]
    """Those tickets."""
    reasons: tuple[tuple[str, int], ...]
    """Reason codes, the commonest first."""
    examples: tuple[tuple[int, str], ...]
    """The beginnings of some of their letters."""
    proposal: str
    """Lines for settings.toml that would route them so; empty where nothing tells them apart."""
    why: str
    """What the proposal rests on."""


@dataclass(frozen=True, slots=True)
class MissingField:
    """A detail people keep asking for in one category."""

    category: str
    """Where."""
    name: str
    """The field's name."""
    label: str
    """How to ask for it."""
    asked: int
    """How often it was asked for."""
    tickets: tuple[int, ...]
    """In which tickets."""
    known: bool
    """Whether the category's intake has the field already."""
