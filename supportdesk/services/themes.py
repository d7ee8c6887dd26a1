"""The register of themes: the desk proposes, a person confirms after looking, an owner mends, the effect counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from supportdesk.domain.escalation import works_here
from supportdesk.domain.people import Person
from supportdesk.domain.report import Period
from supportdesk.domain.theme import Cause, Effect, KnownTheme, Theme, ThemeState
from supportdesk.errors import BadInput, NotFound, Refused
from supportdesk.rules.causes import propose
from supportdesk.rules.themes import alike, belonging
from supportdesk.services.improvement import EXAMPLES, SAME_THEME, Improvement
from supportdesk.services.ports import Clock, Store, Transaction
from supportdesk.text import fold

DESK = "desk"
PATHS = ("article", "form", "template", "prompt", "policy", "routing")
"""What a theme may lead to."""
AGAIN = 2
"""A rejected theme is proposed again when it has grown so many times as large."""
_QUOTE = 160
_FITS = 1.0


class Themes:
    """Themes from the proposal to the measured effect."""

    def __init__(self, store: Store, clock: Clock, improvement: Improvement) -> None:
        """Work on this store; `improvement` finds what is proposed."""
        self._store = store
        self._clock = clock
        self._improvement = improvement

    def propose(self, period: Period) -> tuple[KnownTheme, ...]:
        """Look for themes and wrong routes in a period and put into the register what it does not have yet.

        Returns what is new, the most tickets first.
        """
        themes = self._improvement.themes(period)
        routes = self._improvement.routes(period)
        added: list[int] = []
        with self._store.write() as tx:
            known = list(tx.themes.all())
            now = self._clock.now()
            made = [self._proposal(tx, theme, period, now) for theme in themes]
            made += [
                _blank(period, now, "route", f"{r.source} → {r.target}", (r.source, r.target), r.tickets, Cause.ROUTING)
                for r in routes
            ]
            for theme in made:
                if not any(_known(old, theme) for old in known):
                    number = tx.themes.add(theme, DESK)
                    added.append(number)
                    known.append(theme)
            if added:
                tx.records.append(DESK, "theme_proposed", 0, {"themes": added}, now)
            return tuple(sorted((tx.themes.get(i) for i in added), key=lambda t: -t.found))

    def all(self, *states: ThemeState) -> tuple[KnownTheme, ...]:
        """The register, the most tickets first; without their tickets."""
        with self._store.read() as tx:
            return tx.themes.all(states)

    def get(self, theme_id: int) -> KnownTheme:
        """One theme with its tickets. Raises NotFound."""
        with self._store.read() as tx:
            return tx.themes.get(theme_id)

    def examples(self, theme_id: int, limit: int = EXAMPLES) -> tuple[tuple[int, str], ...]:
        """Its most typical letters, as (ticket, the beginning)."""
        with self._store.read() as tx:
            tickets = tx.themes.get(theme_id).tickets[:limit]
            letters = tx.improvement.letters_of(tickets)
        return tuple((i, fold(letters[i])[:_QUOTE]) for i in tickets if i in letters)

    def look(self, theme_id: int, login: str, ticket_id: int) -> str:
        """Look at one example: its first letter, whole; that it was looked at is kept. Raises NotFound."""
        with self._store.write() as tx:
            self._person(tx, login)
            if ticket_id not in tx.themes.get(theme_id).tickets:
                raise NotFound(f"Ticket #{ticket_id} is none of theme {theme_id}'s.")
            tx.themes.look(theme_id, login, ticket_id, self._clock.now())
            return tx.improvement.letters_of([ticket_id]).get(ticket_id, "")

    def confirm(
        self, theme_id: int, login: str, owner: str, *, path: str = "", cause: str = "", name: str = "", note: str = ""
    ) -> KnownTheme:
        """Confirm a proposed theme and say who sees to it.

        Raises Refused before three examples were looked at, BadInput for an owner who does not work here, a cause or
        a path there is not.
        """
        with self._store.write() as tx:
            theme = self._decidable(tx, theme_id, login)
            if not works_here(owner, tx.people.all()):
                raise BadInput(f"Nobody active here answers to “{owner}”: name a login or a role.")
            why = _cause(cause) if cause else theme.cause
            chosen = path or why.path
            if chosen not in PATHS:
                raise BadInput(f"A theme leads to one of {', '.join(PATHS)}, not to “{chosen}”.")
            self._decide(
                tx,
                theme,
                login,
                ThemeState.CONFIRMED,
                note,
                owner=owner,
                path=chosen,
                cause=why.value,
                name=name or theme.name,
            )
            return tx.themes.get(theme_id)

    def reject(self, theme_id: int, login: str, reason: str) -> KnownTheme:
        """Say that it is no pattern. Raises Refused before three examples were looked at, BadInput without a reason."""
        if not reason.strip():
            raise BadInput("Say why it is no pattern.")
        with self._store.write() as tx:
            theme = self._decidable(tx, theme_id, login)
            self._decide(tx, theme, login, ThemeState.REJECTED, reason)
            return tx.themes.get(theme_id)

    def mended(self, theme_id: int, login: str, note: str, *, article: str = "") -> KnownTheme:
        """Say that the remedy is in place; from now on its effect is measured.

        Raises Refused for anybody but its owner or a lead, and for a theme nobody confirmed.
        """
        if not note.strip():
            raise BadInput("Say what was changed.")
        with self._store.write() as tx:
            person = self._person(tx, login)
            theme = tx.themes.get(theme_id)
            if theme.state not in (ThemeState.CONFIRMED, ThemeState.MENDED):
                raise Refused(f"Theme {theme_id} is {theme.state}: only a confirmed one can be mended.")
            if theme.owner not in (login, person.role) and person.role != "lead":
                raise Refused(f"Theme {theme_id} is {theme.owner}'s to mend.")
            self.mend(tx, theme, login, note, article)
            return tx.themes.get(theme_id)

    def mend(self, tx: Transaction, theme: KnownTheme, by: str, note: str, article: str = "") -> None:
        """The remedy is in place, as part of a transaction that puts it there."""
        now = self._clock.now()
        slug = article or theme.article
        tx.themes.change(theme.id, state=ThemeState.MENDED.value, mended_at=now, note=note, article=slug)
        body = {"theme": theme.id, "path": theme.path, "article": slug}
        tx.records.append(by, f"{theme.path or 'theme'}_mended", 0, body, now)

    def close(self, theme_id: int, login: str, note: str = "") -> KnownTheme:
        """Be done with a mended theme: it helped, or is not worth more. Raises Refused while it is not mended."""
        with self._store.write() as tx:
            self._person(tx, login)
            theme = tx.themes.get(theme_id)
            if theme.state is not ThemeState.MENDED:
                raise Refused(f"Theme {theme_id} is {theme.state}: only a mended one can be closed.")
            tx.themes.change(theme_id, state=ThemeState.CLOSED.value, note=note or theme.note)
            tx.records.append(login, "theme_closed", 0, {"theme": theme_id}, self._clock.now())
            return tx.themes.get(theme_id)

    def effect(self, theme_id: int) -> Effect | None:
        """Whether the remedy helped: as long before it as since, at most 90 days; None before there is one."""
        now = self._clock.now()
        with self._store.read() as tx:
            theme = tx.themes.get(theme_id)
            if theme.mended_at is None:
                return None
            span = max(min(now - theme.mended_at, timedelta(days=90)), timedelta(0))
            before = Period(theme.mended_at - span, theme.mended_at, theme.queue)
            since = Period(theme.mended_at, theme.mended_at + span, theme.queue)
            counts = [self._size(tx, theme, period) for period in (before, since)]
        days = round(span / timedelta(days=1), 1)
        return Effect(days, counts[0][0], counts[1][0], counts[0][1], counts[1][1])

    def _size(self, tx: Transaction, theme: KnownTheme, period: Period) -> tuple[int, int]:
        letters = [words for _, words in tx.improvement.letters(period)]
        if theme.kind == "route":
            ways = tx.improvement.rerouted(period)
            return sum((w.source, w.target) == theme.keys for w in ways), len(letters)
        return len(belonging(letters, theme.keys)), len(letters)

    def _proposal(self, tx: Transaction, theme: Theme, period: Period, now: datetime) -> KnownTheme:
        facts = tx.themes.facts(theme.tickets)
        found = tx.knowledge.search(" ".join((theme.name, *(words for _, words in theme.quotes))), 1)
        if found and found[0].score >= _FITS:
            facts = replace(facts, article=found[0].slug)
        cause, why = propose(facts)
        made = _blank(period, now, "theme", theme.name, theme.keys, theme.tickets, cause)
        return replace(made, before=theme.before, why=why)

    def _decidable(self, tx: Transaction, theme_id: int, login: str) -> KnownTheme:
        self._person(tx, login)
        theme = tx.themes.get(theme_id)
        if theme.state is not ThemeState.PROPOSED:
            raise Refused(f"Theme {theme_id} is {theme.state} already, by {theme.decided_by}.")
        wanted = min(EXAMPLES, len(theme.tickets))
        if theme.looked_at_by(login) < wanted:
            raise Refused(f"Look at {wanted} examples first; you have looked at {theme.looked_at_by(login)}.")
        return theme

    def _decide(
        self, tx: Transaction, theme: KnownTheme, login: str, state: ThemeState, note: str, **fields: object
    ) -> None:
        now = self._clock.now()
        tx.themes.change(theme.id, state=state.value, note=note, decided_at=now, decided_by=login, **fields)
        tx.records.append(login, f"theme_{state}", 0, {"theme": theme.id, "note": note, **fields}, now)

    def _person(self, tx: Transaction, login: str) -> Person:
        person = tx.people.get(login)
        if person is None or not person.active:
            raise Refused(f"{login} is not active at this desk; a lead can change that.")
        return person


def _blank(
    period: Period, now: datetime, kind: str, name: str, keys: tuple[str, ...], tickets: tuple[int, ...], cause: Cause
) -> KnownTheme:
    return KnownTheme(
        id=0,
        kind=kind,
        name=name,
        keys=keys,
        queue=period.queue,
        since=period.since,
        until=period.until,
        found=len(tickets),
        before=0,
        cause=cause,
        why=f"{len(tickets)} tickets were sent on this way" if kind == "route" else "",
        state=ThemeState.PROPOSED,
        owner="",
        path=cause.path,
        article="",
        note="",
        proposed_at=now,
        decided_at=None,
        decided_by="",
        mended_at=None,
        tickets=tickets,
    )


def _known(old: KnownTheme, new: KnownTheme) -> bool:
    """Whether the register has it: the same pattern, not closed, and not rejected when it was half as large."""
    if old.kind != new.kind or old.queue != new.queue or old.state is ThemeState.CLOSED:
        return False
    same = old.keys == new.keys if new.kind == "route" else alike(old.keys, new.keys) >= SAME_THEME
    return same and not (old.state is ThemeState.REJECTED and new.found >= AGAIN * old.found)


def _cause(name: str) -> Cause:
    try:
        return Cause(name)
    except ValueError:
        raise BadInput(f"There is no cause “{name}”; there are {', '.join(Cause)}.") from None
