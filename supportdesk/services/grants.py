"""Commitments beyond one's authority: asked for by the reviewer, granted or refused by another, used once."""

from __future__ import annotations

from collections.abc import Callable

from supportdesk.domain.people import AuthorityRule, Person, authorised
from supportdesk.domain.records import Grant
from supportdesk.errors import BadInput, NotFound, Refused
from supportdesk.services.cases import GateRules, load_case, rule_rows
from supportdesk.services.ports import Clock, Store, Transaction


class Grants:
    """Requests for a grant, and what becomes of them."""

    def __init__(self, store: Store, clock: Clock, rules: Callable[[], GateRules]) -> None:
        """Work on this store under these rules."""
        self._store = store
        self._clock = clock
        self._rules = rules

    def waiting(self, ticket_id: int | None = None) -> tuple[Grant, ...]:
        """Requests nobody decided yet, for words that still stand; oldest first."""
        with self._store.read() as tx:
            return tx.reviews.grants_waiting(ticket_id)

    def ask(self, ticket_id: int, login: str, fingerprint: str, reason: str) -> Grant:
        """Ask for a commitment of the draft's present words.

        Raises BadInput without a reason or for a commitment that is not there, Refused when it needs no grant,
        is asked for already, or the ticket is not taken by this person.
        """
        if not reason.strip():
            raise BadInput("Say why it should be granted.")
        with self._store.write() as tx:
            case = load_case(tx, ticket_id, _active(tx, login), self._rules())
            if case.ticket.taken_by != login:
                raise Refused("Take the ticket first.")
            found = next((c for c in case.examination.commitments if c.fingerprint == fingerprint), None)
            if found is None or case.revision is None:
                raise BadInput("That commitment is not in this draft any more.")
            if all(c.fingerprint != fingerprint for c in case.unauthorised):
                raise Refused("That commitment needs no grant: it is within your authority or granted already.")
            asked = tx.reviews.grants_waiting(ticket_id)
            if any(g.fingerprint == fingerprint and g.revision_id == case.revision.id for g in asked):
                raise Refused("A grant for it is asked for already.")
            now = self._clock.now()
            self._tell_rules(tx)
            grant_id = tx.reviews.ask_grant(ticket_id, case.revision.id, found, login, reason, now)
            body = {"grant": grant_id, "revision": case.revision.id, "commitment": fingerprint, "reason": reason}
            tx.records.append(login, "asked_for_grant", ticket_id, body, now)
            return tx.reviews.grant(grant_id)

    def decide(self, grant_id: int, login: str, *, granted: bool, reason: str) -> Grant:
        """Grant or refuse a request.

        Raises BadInput without a reason, Refused for one's own request, one that is decided, one about words that
        were followed by others, and a commitment beyond one's own authority.
        """
        if not reason.strip():
            raise BadInput("Give a reason.")
        with self._store.write() as tx:
            person = _active(tx, login)
            asked = tx.reviews.grant(grant_id)
            if asked.state != "asked":
                raise Refused(f"It was {asked.state} by {asked.decided_by} already.")
            if asked.asked_by == login:
                raise Refused("Nobody grants their own request; another person must.")
            if all(g.id != grant_id for g in tx.reviews.grants_waiting(asked.ticket_id)):
                raise Refused("The draft has other words by now; a grant must be asked for again.")
            case = load_case(tx, asked.ticket_id, person, self._rules())
            found = next((c for c in case.examination.commitments if c.fingerprint == asked.fingerprint), None)
            rules: tuple[AuthorityRule, ...] = self._rules().authority
            if found is None or not authorised(person, found, rules, case.ticket.queue):
                raise Refused(f"“{asked.quote}” is beyond your authority too.")
            now = self._clock.now()
            self._tell_rules(tx)
            tx.reviews.decide_grant(grant_id, login, granted=granted, reason=reason, at=now)
            action = "granted" if granted else "refused_grant"
            body = {"grant": grant_id, "revision": asked.revision_id, "for": asked.asked_by, "reason": reason}
            tx.records.append(login, action, asked.ticket_id, body, now)
            return tx.reviews.grant(grant_id)

    def _tell_rules(self, tx: Transaction) -> None:
        known = rule_rows(self._rules())
        if tx.decisions.know_rules(known):
            body = {"rules": [list(rule) for rule in sorted(known, key=str)]}
            tx.records.append("desk", "gate_rules", 0, body, self._clock.now())


def _active(tx: Transaction, login: str) -> Person:
    person = tx.people.get(login)
    if person is None:
        raise NotFound(f"{login} is not known at this desk.")
    if not person.active:
        raise Refused(f"{person} is not active at this desk; a lead can change that.")
    return person
