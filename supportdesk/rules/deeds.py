"""What we do, will do or have done for the customer, said by us or of the thing itself."""

from __future__ import annotations

from collections.abc import Iterator

from supportdesk.rules.bindings import (
    VERBS,
    Binding,
    definite,
    denied,
    harmless,
    is_noun,
    only_possible,
    soft,
    weightier,
)
from supportdesk.rules.drafts import Statement
from supportdesk.rules.moods import Mood, hits, tense_at
from supportdesk.rules.values import word_set
from supportdesk.rules.verbs import Verb, given_to, irregular, is_participle, own_verbs


def own_act(statement: Statement, mood: Mood, language: str) -> Iterator[Binding]:
    """We will refund you; I've cancelled it; we're sending a new one; I can offer you 20 %."""
    first, after = mood.first, mood.after
    promise = hits(statement, "performs", first, after)
    if (
        promise
        and (mood.we or language in ("es", "pt", "it"))
        and not denied(statement, mood, promise[0].last, language)
    ):
        yield Binding(weightier(statement, "outcome", first, after), first, after, "commitment.outcome.performed")
    ours_at = {v.at for v in own_verbs(statement, mood, language)}
    for kind in VERBS:
        for hit in hits(statement, kind, first, after):
            if language in ("en", "fr") and not _is_verb(statement, hit.first, ours_at):
                continue
            how = tense_at(statement, hit.first, language) or tense_at(statement, hit.last, language)
            if is_noun(statement.tokens[hit.first].text, language):
                continue
            ours = how in ("we_future", "we_present", "we_past")
            if how == "conditional" or not (ours or mood.acts(statement, hit.first)):
                continue
            if denied(statement, mood, hit.first, language) or harmless(statement, kind, hit.last, after):
                continue
            if hit.first == hit.last and neutral(statement, mood, hit.first, "en"):
                continue
            weight = weightier(statement, kind, first, after)
            sure = mood.future or mood.past or mood.present or how in ("we_future", "we_past")
            sums = any(v.kind in ("amount", "percent") and first <= v.first < after for v in statement.values)
            named = mood.you or (kind == "money" and not mood.generic and (sums or definite(statement, first, after)))
            given = named and (how == "we_present" or language in ("de", "nl") or (sums and kind == "money"))
            if not (sure or given):
                continue
            if only_possible(statement, mood, hit.first, weight):
                continue
            done = (mood.past or how == "we_past") and not (mood.future or how == "we_future")
            yield Binding(weight, first, after, f"commitment.{kind}.act", done=done, standing=mood.generic)
            break


def own_deed(statement: Statement, mood: Mood, language: str) -> Iterator[Binding]:
    """Whatever else we do, will do or have done for the customer: all verbs but those of telling and looking."""
    first, after = mood.first, mood.after
    for verb in own_verbs(statement, mood, language):
        if verb.time in ("present", "able") and not _given(statement, mood, verb, language):
            continue
        if neutral(statement, mood, verb.at, language):
            continue
        names = ("hedge", "not") if verb.time == "able" else ("hedge", "not", "can")
        if soft(statement, mood, verb.at + 1, names) or harmless(statement, "service", verb.at, after):
            continue
        anywhere = language in ("de", "nl") and (
            hits(statement, "not", first, after)
            or hits(statement, "hedge", first, after)
            or hits(statement, "can", first, after)
        )
        if anywhere:
            continue
        kind = weightier(statement, "service", first, after)
        yield Binding(
            kind,
            first,
            after,
            f"commitment.{kind}.deed",
            done=verb.time == "past",
            standing=mood.generic or (verb.time == "present" and not mood.you),
        )
        return


def _given(statement: Statement, mood: Mood, verb: Verb, language: str) -> bool:
    """Whether a verb in the present gives or does something to the customer, not only to everybody."""
    sums = [v for v in statement.values if v.kind in ("amount", "percent") and mood.first <= v.first < mood.after]
    if verb.time == "able":
        only = any(t.text in word_set("statements.toml", "words", "only") for t in statement.tokens)
        return bool(sums) and not only and not mood.generic
    if mood.generic:
        return False
    money = bool(sums) or bool(hits(statement, "money_noun", mood.first, mood.after))
    if language == "en":
        return money or _for_you(statement, mood)
    money = money or (bool(statement.hits.get("commitments.money_noun")) and len(statement.clauses) > 1)
    return money or mood.you or given_to(statement, verb.at, language)


def neutral(statement: Statement, mood: Mood, at: int, language: str) -> bool:
    """Whether a verb is one of telling, asking, perceiving or looking into it."""
    names = ("neutral", "process")
    found = [h for n in names for h in hits(statement, n, mood.first, mood.after)]
    if language in ("de", "nl"):
        return bool(found)
    return any(h.first <= at <= h.last or h.first == at + 1 for h in found)


def passive(statement: Statement, mood: Mood, language: str) -> Iterator[Binding]:
    """The fee will be waived; your order has been upgraded; the amount is being returned to you."""
    first, after = mood.first, mood.after
    if mood.we and mood.acts(statement, after):
        return
    for kind in VERBS:
        for hit in hits(statement, kind, first, after):
            how = tense_at(statement, hit.first, language) or tense_at(statement, hit.last, language)
            passive = any(abs(h.first - hit.first) <= 5 for h in hits(statement, "be", first, after))
            if language in ("de", "nl"):
                passive = bool(hits(statement, "be", first, after))
            told = (mood.future or mood.past or how == "other_future") and (passive or how == "other_future")
            if not told or how == "conditional":
                continue
            if denied(statement, mood, hit.first, language) or harmless(statement, kind, hit.last, after):
                continue
            if only_possible(statement, mood, hit.first, kind):
                continue
            meant = mood.you or definite(statement, first, after)
            done = mood.past and not (mood.future or how == "other_future")
            status = done and bool(hits(statement, "logistics", hit.first, hit.first + 1))
            if meant and not mood.generic and not status:
                yield Binding(
                    weightier(statement, kind, first, after), first, after, f"commitment.{kind}.passive", done=done
                )
                return


def passive_deed(statement: Statement, mood: Mood, language: str) -> Iterator[Binding]:
    """A cabin has been put aside for you: whatever else has been done for the customer by nobody named."""
    first, after = mood.first, mood.after
    if mood.we or mood.generic or not (mood.past or _stands(statement, mood, language)):
        return
    for at in range(first + 1, after):
        if not _participle(statement, at, language) or not _led(statement, at, first, language):
            continue
        told = any(
            at - 1 <= h.first <= at + 1
            for n in ("neutral", "process", "logistics")
            for h in hits(statement, n, first, after)
        )
        status = any(h.first == at for h in statement.hits.get("commitments.logistics", ()))
        if (
            told
            or status
            or soft(statement, mood, after, ("hedge", "not", "can"))
            or harmless(statement, "service", at, after)
        ):
            return
        if _for_you(statement, mood):
            kind = weightier(statement, "service", first, after)
            yield Binding(kind, first, after, f"commitment.{kind}.passive", done=True)
        return


def _stands(statement: Statement, mood: Mood, language: str) -> bool:
    """Whether a present says how things have been left: "sind jetzt verlängert"."""
    now = word_set("statements.toml", "words", "now")
    return language != "en" and any(t.text in now for t in statement.tokens[mood.first : mood.after])


def _for_you(statement: Statement, mood: Mood) -> bool:
    """Whether it is done for the customer: "for you", "für Sie", "pour vous"."""
    words = statement.tokens
    leads = word_set("statements.toml", "words", "for")
    yours = word_set("statements.toml", "words", "objects") | {"ihnen", "dir", "dich", "jou", "voce", "usted", "si"}
    pairs = any(words[i].text in leads and words[i + 1].text in yours for i in range(mood.first, mood.after - 1))
    return pairs or _stands(statement, mood, "")


def _participle(statement: Statement, at: int, language: str) -> bool:
    word = statement.tokens[at].text
    if statement.tokens[at].kind != "w" or len(word) < 3:
        return False
    if language == "en":
        return word.endswith("ed") or word in irregular("en")
    if language in ("de", "nl"):
        return is_participle(word)
    return tense_at(statement, at, language) == "participle"


def _led(statement: Statement, at: int, first: int, language: str) -> bool:
    """Whether a form of "be" leads to a participle."""
    if language in ("de", "nl"):
        return any(h.first >= first for h in hits(statement, "be", first, len(statement.tokens)))
    return any(at - 4 <= h.first < at for h in hits(statement, "be", first, at))


def _is_verb(statement: Statement, at: int, ours: set[int]) -> bool:
    """Whether a word is our verb, or hangs on it: "proceed with cancelling", "going to refund"."""
    before = statement.tokens[at - 1].text if at else ""
    led = before in word_set("commitments.toml", "verbs", "leads")
    return at in ours or led or before in ("to", "de", "d'", "a") or statement.tokens[at].text.endswith("ing")
