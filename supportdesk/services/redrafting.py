"""A draft written anew as a reviewer asks. Nothing is kept until they take it; their own words stay as a revision."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from supportdesk.domain.case import Case, Revision
from supportdesk.domain.findings import Examination
from supportdesk.domain.preparation import Draft, Provenance
from supportdesk.errors import AssistantTrouble, Stale
from supportdesk.rules.check import examine
from supportdesk.services.cases import articles_for, first_revision, sources_of
from supportdesk.services.ports import Clock, Store
from supportdesk.services.ports.work import Watch
from supportdesk.services.preparation import Preparing
from supportdesk.services.review import Review

PARTS = ("summary", "triage")
"""What can be made anew by itself, besides the draft."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A new draft to compare with the one that stands."""

    draft: Draft
    """The new words."""
    provenance: Provenance
    """How they were made."""
    before: Revision
    """The words they would follow; id 0 where there were none."""
    examination: Examination
    """What the checks say of the new words."""

    def after(self, revision: Revision | None) -> Proposal:
        """The same, to follow words that were kept meanwhile by whoever takes it."""
        return self if revision is None else replace(self, before=revision)


class Redrafting:
    """New drafts and single parts of a preparation, on request."""

    def __init__(self, store: Store, clock: Clock, review: Review, preparing: Preparing, assistant: object) -> None:
        """Ask this assistant, where it can."""
        self._store = store
        self._clock = clock
        self._review = review
        self._preparing = preparing
        self._assistant = assistant

    @property
    def possible(self) -> bool:
        """Whether the assistant can write a draft anew."""
        return hasattr(self._assistant, "redraft")

    def warm(self) -> None:
        """Somebody is about to ask."""
        warm = getattr(self._assistant, "warm", None)
        if warm is not None:
            warm()

    def propose(self, ticket_id: int, login: str, instruction: str, words: str | None, watch: Watch) -> Proposal:
        """A new draft as the instruction asks, or afresh without one; nothing is kept.

        `words` are the reviewer's as they are typed now, where they are not kept yet. Raises AssistantTrouble when no
        model can write it or `watch` called it off.
        """
        redraft: Callable[..., tuple[Draft, Provenance]] | None = getattr(self._assistant, "redraft", None)
        if redraft is None:
            raise AssistantTrouble("The offline rules cannot write a draft anew; set assistant.model to use a model.")
        case = self._review.open(ticket_id, login)
        if case.preparation is None:
            raise AssistantTrouble(f"{case.ticket.ref} is not prepared yet; nothing was changed.")
        with self._store.read() as tx:
            articles = articles_for(tx, case.thread, case.revision.citations if case.revision else ())
        before = case.revision or first_revision(case)
        text = before.text if words is None else words
        draft, made = redraft(case.thread, articles, text, instruction, case.preparation.triage, watch)
        after = replace(before, text=draft.text, citations=draft.citations)
        found = examine(draft.text, sources_of(replace(case, revision=after, articles=articles)))
        return Proposal(draft, made, before, found)

    def take(self, ticket_id: int, login: str, proposal: Proposal) -> Case:
        """Keep a proposal as the next revision; the reviewer must have the ticket.

        Raises Stale when other words were kept since it was asked for.
        """
        now = self._review.open(ticket_id, login).revision
        if (now.id if now else 0) != proposal.before.id:
            raise Stale("The draft was changed since you asked for a new one; nothing was replaced. Compare again.")
        case = self._review.edit(ticket_id, login, proposal.draft.text, citations=proposal.draft.citations)
        made = proposal.provenance
        body = {
            "revision": case.revision.id if case.revision else 0,
            "by": made.assistant,
            "prompts": list(made.prompts),
            "calls": list(made.calls),
        }
        with self._store.write() as tx:
            tx.records.append(login, "took_redraft", ticket_id, body, self._clock.now())
        return case

    def again(self, ticket_id: int, part: str) -> None:
        """Make one part of the preparation anew: `summary` or `triage`; the draft stays as it is."""
        self._preparing.one(ticket_id, only=part)

    def name_theme(self, letters: Sequence[str], keys: Sequence[str]) -> tuple[str, str, Provenance]:
        """A name and one sentence for what letters have in common; a person decides whether to use it.

        Raises AssistantTrouble when no model can.
        """
        name: Callable[..., tuple[str, str, Provenance]] | None = getattr(self._assistant, "name_theme", None)
        if name is None:
            raise AssistantTrouble("The offline rules cannot name a theme; set assistant.model to use a model.")
        return name(letters, keys)

    def stop(self) -> None:
        """Give up what is under way, for a workstation that closes."""
        abandon = getattr(self._assistant, "abandon", None)
        if abandon is not None:
            abandon()
