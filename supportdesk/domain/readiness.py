"""Is this desk ready to rely on AI? Fourteen questions, each answered from what is really set and there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Standing(StrEnum):
    """How far a question is answered."""

    ANSWERED = "answered"
    PARTLY = "partly"
    NOT_YET = "not_yet"


@dataclass(frozen=True, slots=True)
class Answered:
    """One question and its answer."""

    name: str
    """Short name, for JSON."""
    question: str
    """The question, as people ask it."""
    standing: Standing
    """How far it is answered."""
    answer: str
    """The answer, in words."""
    todo: str = ""
    """The one thing to do, where it is not answered yet."""
    setting: str = ""
    """The setting that thing is done in."""


NOT_DONE = (
    "This desk gives no emergency response.",
    "It gives no medical, legal, financial or other professional advice.",
    "It has no policies of its own: it only knows the articles and settings people gave it.",
)
"""What the desk does not do, said plainly."""
