"""Known-bad drafts: now and then an invented ticket with a planted fault, off unless a desk wants it and was told.

An exercise is a row of a table of its own. It is no ticket, no revision and no decision, so no outbox can take it, no
clock runs for it and no figure counts it; the database also refuses its words in an approval.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from supportdesk.domain.exercise import Exercise
from supportdesk.domain.report import Period
from supportdesk.errors import BadInput, NotFound, Refused
from supportdesk.rules.tables import table
from supportdesk.services.ports import Clock, Store, Transaction
from supportdesk.text import fold

ANNOUNCEMENT = "announcement"
_LEAST = 4


class Exercises:
    """Exercises for reviewers."""

    def __init__(self, store: Store, clock: Clock, every: int) -> None:
        """Work on this store; `every` is after how many decisions one is due, 0 for never."""
        self._store = store
        self._clock = clock
        self.every = every

    def announce(self, login: str) -> None:
        """Tell the team that exercises happen; before that nobody gets one. Raises Refused for all but a lead."""
        with self._store.write() as tx:
            person = tx.people.get(login)
            if person is None or not person.active or person.role != "lead":
                raise Refused("A lead announces exercises.")
            if not self._announced(tx):
                now = self._clock.now()
                tx.exercises.add(Exercise(0, "", ANNOUNCEMENT, (), "", "", "", "", "", now))
                tx.records.append(login, "exercises_announced", 0, {"every": self.every}, now)

    def announced(self) -> bool:
        """Whether the team was told."""
        with self._store.read() as tx:
            return self._announced(tx)

    def due(self, login: str) -> bool:
        """Whether it is time for one: wanted, announced, and enough decided since the last."""
        if not self.every:
            return False
        now = self._clock.now()
        with self._store.read() as tx:
            if not self._announced(tx):
                return False
            mine = tx.exercises.all(login)
            if mine and mine[-1].caught is None:
                return True
            begin = mine[-1].shown_at if mine else now - timedelta(days=28)
            period = Period(begin, now + timedelta(milliseconds=1), reviewer=login)
            return tx.figures.take("decisions", period, now, {}).total >= self.every

    def show(self, login: str) -> Exercise:
        """The exercise that waits for an answer, or the next one this person has not had for longest.

        Raises Refused while exercises are off or were not announced.
        """
        if not self.every:
            raise Refused("Exercises are off; a lead switches them on with [exercises] every.")
        with self._store.write() as tx:
            if not self._announced(tx):
                raise Refused("Exercises were not announced to the team yet: `supportdesk exercise announce`.")
            person = tx.people.get(login)
            if person is None or not person.active:
                raise Refused(f"{login} is not active at this desk; a lead can change that.")
            mine = tx.exercises.all(login)
            if mine and mine[-1].caught is None:
                return mine[-1]
            had = [e.name for e in mine]
            every = table("exercises.toml")["exercise"]
            last = {name: place for place, name in enumerate(had)}
            chosen = min(every, key=lambda e: last.get(e["name"], -1))
            return tx.exercises.get(tx.exercises.add(_planted(chosen, login, self._clock.now())))

    def answer(self, exercise_id: int, login: str, words: str) -> Exercise:
        """Point at the faulty words, or give none for "I would approve it"; the outcome comes at once.

        Raises Refused for somebody else's and for one that is answered, BadInput for words not in the draft.
        """
        with self._store.write() as tx:
            exercise = tx.exercises.get(exercise_id)
            if exercise.login != login or exercise.name == ANNOUNCEMENT:
                raise NotFound(f"Exercise {exercise_id} is not yours.")
            if exercise.caught is not None:
                raise Refused("It is answered already.")
            said = fold(words)
            if said and said not in fold(exercise.draft):
                raise BadInput("Point at words of the draft.")
            fault = fold(exercise.quote)
            caught = len(said) >= _LEAST and (said in fault or fault in said)
            tx.exercises.answer(exercise_id, words, caught=caught, at=self._clock.now())
            return tx.exercises.get(exercise_id)

    def mine(self, login: str) -> tuple[Exercise, ...]:
        """A person's answered exercises: for that person alone."""
        with self._store.read() as tx:
            return tuple(e for e in tx.exercises.all(login) if e.caught is not None)

    def team(self) -> tuple[int, int]:
        """How many were caught, of how many answered, by everybody together."""
        with self._store.read() as tx:
            answered = [e for e in tx.exercises.all() if e.caught is not None]
        return sum(bool(e.caught) for e in answered), len(answered)

    def _announced(self, tx: Transaction) -> bool:
        return any(e.name == ANNOUNCEMENT for e in tx.exercises.all())


def _planted(chosen: Mapping[str, Any], login: str, now: datetime) -> Exercise:
    thread = tuple((str(author), str(words)) for author, words in chosen["thread"])
    draft = str(chosen["draft"]).format(chosen["bad"])
    return Exercise(
        id=0,
        login=login,
        name=str(chosen["name"]),
        thread=thread,
        source=str(chosen["source"]),
        draft=draft,
        fault=str(chosen["fault"]),
        quote=str(chosen["bad"]),
        why=str(chosen["why"]),
        shown_at=now,
    )
