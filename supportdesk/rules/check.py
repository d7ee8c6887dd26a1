"""All checks of a draft in one call: the one door for services, filters and screens."""

from __future__ import annotations

from collections.abc import Iterable

from supportdesk.domain.evidence import Evidence
from supportdesk.domain.findings import Claim, Commitment, Examination, Finding
from supportdesk.domain.words import FindingKind, Support
from supportdesk.rules import (
    advice,
    answered,
    asked,
    counts,
    links,
    names,
    people,
    policies,
    privacy,
    statuses,
    steps,
    tone,
    variants,
)
from supportdesk.rules.commitments import Binding, commitment
from supportdesk.rules.drafts import Draft, read
from supportdesk.rules.facts import value_claims
from supportdesk.rules.leanings import Weighed, weigh
from supportdesk.rules.sources import SourceIndex, Sources

__all__ = ["SourceIndex", "Sources", "examine"]

_TOLD = (".way", ".passive", ".received")
"""Ends of the rules for what is told of things: their dates and amounts are facts all the same."""
_OURS = (".act", ".deed", ".performed")
_PERHAPS, _ALONE, _SURE, _SURELY = 0.15, 0.22, 0.6, 0.9
"""How likely a statement binds: worth a look; the same without a grammar that says so; enough to hold approval;
enough against a line that seems to say the same already."""
_GIVEN = 0.2
"""Enough to hold approval where the grammar says that we give money or set a rule aside, and no source says so."""
_WHY = {
    "money": "It promises or grants money",
    "exception": "It sets a rule aside for this customer",
    "service": "It promises or makes a change to what the customer has",
    "outcome": "It promises that something will come out well",
    "deadline": "It promises a time",
}


def examine(draft: str, sources: Sources | SourceIndex) -> Examination:
    """Check a draft against what it may rest on.

    Reading the sources costs most: hand in a `SourceIndex` to check many drafts of one thread.
    """
    index = sources if isinstance(sources, SourceIndex) else SourceIndex(sources)
    text = read(draft, index.language)
    weighed = weigh(text, index)
    commitments, findings, claims, bound = _commitments(text, index, weighed)
    judged: list[tuple[Claim, Finding | None]] = []
    judged += value_claims(text, index, bound)
    judged += statuses.claims(text, index)
    judged += policies.claims(text, index, bound)
    judged += links.findings(text, index)
    judged += steps.claims(text, index)
    judged += counts.claims(text, index)
    judged += variants.claims(text, index)
    judged += names.claims(text, index, [(n.start, n.end) for n in people.names(text)])
    claims += [claim for claim, _ in judged]
    findings += [finding for _, finding in judged if finding is not None]
    findings += tone.findings(text, index, weighed)
    findings += advice.findings(text, index, weighed)
    findings += privacy.findings(text, index, weighed)
    again = list(asked.findings(text, index))
    findings += answered.findings(text, index, again=bool(again))
    findings += again
    findings = _distinct(findings)
    return Examination(
        findings=tuple(findings),
        claims=tuple(sorted(claims, key=lambda c: (c.start, c.end))),
        commitments=tuple(sorted(commitments, key=lambda c: (c.start, c.end))),
        privacy_called_for=any(f.kind is FindingKind.PRIVACY for f in findings) or privacy.called_for(index),
    )


def _commitments(
    text: Draft, index: SourceIndex, weighed: Iterable[Weighed]
) -> tuple[list[Commitment], list[Finding], list[Claim], frozenset[tuple[int, int]]]:
    """Statements that bind us, and as claims those that only repeat what the sources say."""
    commitments: list[Commitment] = []
    findings: list[Finding] = []
    claims: list[Claim] = []
    bound: set[tuple[int, int]] = set()
    for one in weighed:
        statement = one.statement
        open_ = [b for b, lines in one.bindings if not lines]
        claims += [_repeated(statement.start, statement.end, text, lines) for _, lines in one.bindings if lines]
        if not open_ and one.leans("binds", _ALONE) and not (one.bindings and not one.leans("binds", _SURELY)):
            open_ = [Binding(one.leanings["binds"].kind, 0, len(statement.tokens), "commitment.learned")]
        if not one.leans("binds", _PERHAPS):
            continue
        told = any(b.rule.endswith(_TOLD) for b, _ in one.bindings)
        told = told and not any(b.rule.endswith(_OURS) for b, _ in one.bindings)
        for binding in open_:
            made = commitment(statement, binding, index.today, ())
            gives = binding.kind in ("money", "exception") and binding.rule.endswith((".act", ".phrase", ".deed"))
            sure = one.leans("binds", _GIVEN if gives else _SURE)
            if sure:
                commitments.append(made)
                if not told:
                    bound.add((made.start, made.end))
            findings.append(_finding(made, binding, sure=sure))
    return commitments, findings, claims, frozenset(bound)


def _repeated(start: int, end: int, text: Draft, lines: tuple[Evidence, ...]) -> Claim:
    return Claim(start, end, text.text[start:end], "policy", Support.SUPPORTED, lines)


def _finding(made: Commitment, binding: Binding, *, sure: bool) -> Finding:
    return Finding(
        kind=FindingKind.COMMITMENT,
        subkind=made.kind.value,
        start=made.start,
        end=made.end,
        quote=made.quote,
        why=f"{_WHY[binding.kind]}, and no record or article covers it.",
        evidence=made.evidence,
        blocking=sure,
        settle="Take it out, or have somebody with the authority grant it.",
        rule=binding.rule,
    )


def _distinct(findings: Iterable[Finding]) -> list[Finding]:
    """Findings in the order of the draft, each kind and subkind once for the same words."""
    seen: dict[tuple[str, str, int, int], Finding] = {}
    for finding in findings:
        key = (finding.kind.value, finding.subkind, finding.start, finding.end)
        if key not in seen or finding.about != seen[key].about:
            seen[key if key not in seen else (*key[:3], key[3] + len(seen))] = finding
    return sorted(seen.values(), key=lambda f: (f.start, f.end, f.kind.value, f.subkind))
