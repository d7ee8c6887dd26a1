"""How people review: signs that somebody trusts the assistant more than their own reading. Shown, never blocked."""

from __future__ import annotations

from dataclasses import dataclass

FAST_WORDS_A_MINUTE = 600
"""Faster than anybody reads for sense: careful reading is 200 to 300 words a minute (Brysbaert 2019: 238)."""
BURST_SECONDS = 3.0
"""All of a checklist answered within so long is one burst."""
LONG_RUN = 20
"""From so many approvals without any edit in a row on, it is worth a thought."""
FEW = 5
"""Under so many approvals nothing is said about anybody."""


@dataclass(frozen=True, slots=True)
class Approved:
    """One approval as it was made."""

    ticket_id: int
    """Which ticket."""
    by: str
    """By whom."""
    seconds: int
    """How long it was on screen."""
    words: int
    """Words to read."""
    unedited: bool
    """Whether the words were the assistant's own."""
    evidence: bool
    """Whether there was evidence to open."""
    opened: int
    """How often some was."""
    answering: float | None
    """Seconds from the first answer to the last; None where there were fewer than two."""


@dataclass(frozen=True, slots=True)
class Habits:
    """One reviewer's approvals over a period."""

    login: str
    """Whose."""
    approvals: int
    """How many approvals and requests for information."""
    fast: int
    """Approved faster than the words can be read."""
    unedited: int
    """Approved without any edit."""
    longest_run: int
    """Most approvals without an edit in a row."""
    unopened: int
    """Approvals with evidence at hand of which none was opened."""
    bursts: int
    """Checklists answered in one burst."""
    words_a_minute: int
    """Median of words on screen a minute."""
    fast_tickets: tuple[int, ...] = ()
    """The tickets approved too fast."""
    burst_tickets: tuple[int, ...] = ()
    """The tickets answered in one burst."""

    @property
    def weight(self) -> float:
        """How much it looks like overtrust, 0 to 1: the mean of the shares fast, unopened and burst, and the run."""
        if self.approvals < FEW:
            return 0.0
        shares = (self.fast, self.bursts, self.unopened)
        run = min(self.longest_run / (4 * LONG_RUN), 1.0)
        return (sum(n / self.approvals for n in shares) + run) / 4

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a reviewer might want to know, said kindly."""
        if self.approvals < FEW:
            return ()
        found = []
        if self.fast * 10 >= self.approvals:
            found.append(f"{self.fast} of {self.approvals} were approved faster than their words can be read.")
        if self.longest_run >= LONG_RUN:
            found.append(f"{self.longest_run} approvals in a row went out exactly as drafted.")
        if self.unopened * 2 >= self.approvals:
            found.append(f"In {self.unopened} of {self.approvals} no source was opened.")
        if self.bursts * 4 >= self.approvals:
            found.append(f"In {self.bursts} of {self.approvals} the whole checklist was answered at once.")
        return tuple(found)


@dataclass(frozen=True, slots=True)
class TeamHabits:
    """The same over a team, without names."""

    reviewers: int
    """Of how many people there is enough to say anything."""
    approvals: int
    """Approvals of all of them."""
    fast: int
    """Approved faster than the words can be read."""
    unedited: int
    """Approved without any edit."""
    unopened: int
    """Approved without opening any evidence."""
    bursts: int
    """Checklists answered in one burst."""
    remarked: int
    """How many people see a remark about themselves."""
    weights: tuple[float, ...]
    """Everybody's weight, largest first."""


@dataclass(frozen=True, slots=True)
class Load:
    """What waits for review against what people can read."""

    waiting: int
    """Open tickets."""
    arriving: float
    """New tickets an open day, over the last weeks."""
    decided: float
    """Decisions an open day."""
    minutes_each: float
    """Median minutes a decision takes here."""
    people: int
    """Who decided anything in that time."""
    days_to_clear: float | None
    """Open days until the queue is read at this pace; None when it grows."""
    overloaded: bool
    """More than a day's reading waits and it does not get less, or more than three days'."""
    by_trigger: tuple[tuple[str, int], ...] = ()
    """What brings the most of what waits."""
    by_queue: tuple[tuple[str, int], ...] = ()
    """Where it waits."""
    advice: tuple[str, ...] = ()
    """What to do, most telling first."""
