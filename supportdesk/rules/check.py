"""All checks of a draft in one call: the one door for services, filters and screens."""

from __future__ import annotations

from supportdesk.domain.findings import Claim, Commitment, Examination, Finding
from supportdesk.domain.words import FindingKind
from supportdesk.rules import privacy
from supportdesk.rules.commitments import Binding, bindings, commitment
from supportdesk.rules.drafts import read
from supportdesk.rules.facts import value_claims
from supportdesk.rules.sources import SourceIndex, Sources

__all__ = ["SourceIndex", "Sources", "examine"]

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
    read_draft = read(draft, index.language)
    findings: list[Finding] = []
    claims: list[Claim] = []
    commitments: list[Commitment] = []
    bound: set[int] = set()
    for statement in read_draft.statements:
        for binding in bindings(statement):
            made = commitment(statement, binding, index, ())
            commitments.append(made)
            bound.add(statement.start)
            findings.append(_commitment_finding(made, binding))
    for claim, finding in value_claims(read_draft, index, frozenset(bound)):
        claims.append(claim)
        if finding is not None:
            findings.append(finding)
    findings += privacy.findings(read_draft, index)
    findings.sort(key=lambda f: (f.start, f.end, f.kind.value, f.subkind))
    return Examination(
        findings=tuple(findings),
        claims=tuple(sorted(claims, key=lambda c: c.start)),
        commitments=tuple(sorted(commitments, key=lambda c: c.start)),
        privacy_called_for=any(f.kind is FindingKind.PRIVACY for f in findings) or privacy.called_for(index),
    )


def _commitment_finding(made: Commitment, binding: Binding) -> Finding:
    return Finding(
        kind=FindingKind.COMMITMENT,
        subkind=made.kind.value,
        start=made.start,
        end=made.end,
        quote=made.quote,
        why=f"{_WHY[binding.kind]}, and no record or article covers it.",
        evidence=made.evidence,
        blocking=True,
        settle="Take it out, or have somebody with the authority grant it.",
        rule=binding.rule,
    )
