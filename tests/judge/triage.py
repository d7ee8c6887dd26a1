"""The triage against `judging/triage.jsonl`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from supportdesk.domain.preparation import Triage
from supportdesk.domain.words import ALWAYS_ESCALATE, Path, TriggerKind
from supportdesk.text import stands_in

from .centroids import trained
from .intervals import Share
from .rows import Row
from .rules import triage_rule
from .sets import JUDGING, Record, load, thread_of, words_of

SET = "triage"
KINDS = tuple(kind.value for kind in TriggerKind if kind is not TriggerKind.LOW_CONFIDENCE)
ESCALATING = frozenset(kind.value for kind in ALWAYS_ESCALATE)


def rows() -> list[Row]:
    """Recall and precision per trigger kind, then what concerns the ticket as a whole."""
    records = load(JUDGING / "triage.jsonl")
    rule, plain = triage_rule(), trained()
    results = [rule(thread_of(record)) for record in records]
    found = [frozenset(t.kind.value for t in result.triggers) for result in results]
    guessed = [plain.kinds(words_of(record)) for record in records] if plain else None
    out: list[Row] = []
    for kind in KINDS:
        recall, precision = trigger_shares(records, found, kind)
        compared = ""
        if guessed is not None:
            lesser = trigger_shares(records, guessed, kind)
            compared = f"{lesser[0].value:.2f}/{lesser[1].value:.2f}"
        goal = 0.90 if kind in ESCALATING else 0.85
        out.append(Row(SET, kind, recall, precision, compared, goal))
    return out + whole(records, results, guessed)


def trigger_shares(records: Sequence[Record], found: Sequence[frozenset[str]], kind: str) -> tuple[Share, Share]:
    """Recall and precision of one kind; a flag on a ticket where it is arguable (`may`) counts neither way."""
    hits = wanted = right = raised = 0
    for record, kinds in zip(records, found, strict=True):
        expect = record["expect"]
        if expect.get("foreign"):
            continue
        has = kind in expect["triggers"]
        wanted += has
        hits += has and kind in kinds
        if kind in kinds and kind not in expect.get("may", ()):
            raised += 1
            right += has
    return Share(hits, wanted), Share(right, raised)


def whole(records: Sequence[Record], results: Sequence[Triage], guessed: Sequence[frozenset[str]] | None) -> list[Row]:
    """Paths, category, language, missing details, questions and quotes."""
    out = [
        _share("routine stays routine", records, results, _routine, 0.88, _guess(records, guessed, routine=True)),
        _share("path exactly right", records, results, _path, 0.85, _guess(records, guessed, routine=False)),
        _share("escalation reached", records, results, _escalated, None),
        _share("category", records, results, _category, None),
        _share("language", records, results, _language, None),
        _share("missing detail asked", records, results, _missing, None),
        _share("given detail not asked", records, results, _given, None),
        _share("open question listed", records, results, _unresolved, None),
        _share("answered question not listed", records, results, _resolved, None),
        _share("trigger quotes verbatim", records, results, _quotes, None),
        _share("summary quotes verbatim", records, results, _summary, 1.0),
    ]
    out.append(_pairs(records, results))
    return out


def _share(
    name: str,
    records: Sequence[Record],
    results: Sequence[Triage],
    judge: Callable[[Record, Triage], bool | None],
    goal: float | None,
    compared: str = "",
) -> Row:
    """How many tickets pass a test; None from the test leaves a ticket out."""
    verdicts = [v for r, t in zip(records, results, strict=True) if (v := judge(r, t)) is not None]
    return Row(SET, name, Share(sum(verdicts), len(verdicts)), None, compared, goal)


def _guess(records: Sequence[Record], guessed: Sequence[frozenset[str]] | None, *, routine: bool) -> str:
    """The baseline's share of right paths, taken from its triggers."""
    if guessed is None:
        return ""
    pairs = [
        (record, Path.ESCALATION if kinds & ESCALATING else Path.REVIEW if kinds else Path.ROUTINE)
        for record, kinds in zip(records, guessed, strict=True)
        if not record["expect"].get("foreign") and (not routine or record["expect"]["path"] == Path.ROUTINE)
    ]
    hits = sum(path in _paths(record) for record, path in pairs)
    return f"{hits / len(pairs):.2f}"


def _paths(record: Record) -> list[str]:
    """The paths that are right."""
    expect = record["expect"]
    return [expect["path"], *expect.get("path_may", ())]


def _routine(record: Record, triage: Triage) -> bool | None:
    return triage.path is Path.ROUTINE if record["expect"]["path"] == Path.ROUTINE else None


def _path(record: Record, triage: Triage) -> bool | None:
    return triage.path.value in _paths(record)


def _escalated(record: Record, triage: Triage) -> bool | None:
    return triage.path is Path.ESCALATION if record["expect"]["path"] == Path.ESCALATION else None


def _category(record: Record, triage: Triage) -> bool | None:
    return None if record["expect"].get("foreign") else triage.category == record["expect"]["category"]


def _language(record: Record, triage: Triage) -> bool | None:
    expect = record["expect"]
    return triage.language == expect["language"] or (bool(expect.get("foreign")) and triage.language == "und")


def _missing(record: Record, triage: Triage) -> bool | None:
    wanted = record["expect"].get("missing_any_of")
    return bool({m.name for m in triage.missing} & set(wanted)) if wanted else None


def _given(record: Record, triage: Triage) -> bool | None:
    given = record["expect"].get("missing_none_of")
    return not {m.name for m in triage.missing} & set(given) if given else None


def _unresolved(record: Record, triage: Triage) -> bool | None:
    wanted = record["expect"].get("unresolved")
    return all(any(_same(w, q.text) for q in triage.unresolved) for w in wanted) if wanted else None


def _resolved(record: Record, triage: Triage) -> bool | None:
    answered = record["expect"].get("resolved")
    return not any(_same(a, q.text) for a in answered for q in triage.unresolved) if answered else None


def _same(wanted: str, found: str) -> bool:
    """Whether a listed question is the one meant, with or without words before it."""
    return stands_in(wanted, found) or stands_in(found, wanted)


def _quotes(record: Record, triage: Triage) -> bool | None:
    spoken = [t for t in triage.triggers if t.message >= 0 and t.quote]
    texts: list[Any] = record["messages"]
    return all(stands_in(t.quote, texts[t.message]["text"]) for t in spoken) if spoken else None


def _summary(record: Record, triage: Triage) -> bool | None:
    texts: list[Any] = record["messages"]
    if not triage.summary:
        return None
    return all(
        p.evidence is not None
        and p.evidence.ref.isdigit()
        and stands_in(p.evidence.quote, texts[int(p.evidence.ref)]["text"])
        for p in triage.summary
    )


def _pairs(records: Sequence[Record], results: Sequence[Triage]) -> Row:
    """Minimal pairs of which both halves take the right path."""
    verdicts: dict[str, bool] = {}
    for record, triage in zip(records, results, strict=True):
        if pair := record.get("pair"):
            verdicts[pair] = verdicts.get(pair, True) and triage.path.value in _paths(record)
    return Row(SET, "minimal pairs, both right", Share(sum(verdicts.values()), len(verdicts)))
