"""How the customer's latest words sound."""

from __future__ import annotations

import re
from collections.abc import Sequence

from supportdesk.domain.words import Sentiment, TriggerKind
from supportdesk.rules.clauses import Reading

_SHOUT = re.compile(r"\b[^\W\d_a-z]{4,}\b")
_HARD = 2


def sentiment(latest: Sequence[Reading], kinds: frozenset[TriggerKind]) -> Sentiment:
    """The mood of a message: what it says first, how loudly after that.

    `kinds` are the triggers the thread raised: grief and danger to the writer sound distressed even when calm.
    """
    said: list[str] = []
    for reading in latest:
        said += reading.stated
    if "selfharm" in said or (TriggerKind.VULNERABLE in kinds and {"mental", "died", "abuse", "hardship"} & set(said)):
        return Sentiment.DISTRESSED
    hard = said.count("complain") + said.count("rhetorical") + said.count("threat")
    hard += 2 * any(reading.quote.count("!") > 1 for reading in latest)
    hard += 2 * (sum(len(_SHOUT.findall(reading.quote)) for reading in latest) > _HARD)
    glad = sum("_happy" in reading.structure and "_neg" not in reading.structure for reading in latest)
    grateful = any("_thanks" in reading.structure for reading in latest)
    if TriggerKind.COMPLAINT in kinds and hard > _HARD:
        return Sentiment.ANGRY
    if hard or kinds & {TriggerKind.COMPLAINT, TriggerKind.REPEATED}:
        return Sentiment.POSITIVE if glad > hard and not kinds & {TriggerKind.COMPLAINT} else Sentiment.FRUSTRATED
    if glad or (grateful and not kinds and len(latest) <= _HARD):
        return Sentiment.POSITIVE
    return Sentiment.FRUSTRATED if TriggerKind.SERVICE_FAILURE in kinds and "broken" in said else Sentiment.NEUTRAL
