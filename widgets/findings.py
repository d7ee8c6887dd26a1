"""What the checks say of the draft: findings that want settling first, then the claims and where they rest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import BindingType

from supportdesk.domain.case import Case
from supportdesk.domain.evidence import Evidence
from supportdesk.domain.findings import Claim, Finding
from supportdesk.domain.words import FindingKind, Settled, SourceKind, Support
from widgets.commands import bindings
from widgets.points import Point, PointList
from widgets.wording import count_words as counted

NOTHING_FOUND = "The checks found nothing to object to."
NO_DRAFT = "There is no draft to check."


class FindingsList(PointList):
    """Findings and claims."""

    PLACE: ClassVar[str] = "findings"
    BINDINGS: ClassVar[list[BindingType]] = bindings("findings")

    def show(self, points: Sequence[Point], *, empty: str | None = None) -> None:
        """List other points; where nobody stands on a finding, the first is in sight."""
        here = self.current
        on_finding = here is not None and isinstance(here.key, tuple) and here.key[0] == "finding"
        super().show(points, empty=empty)
        if not self.has_focus and not on_finding:
            self.to_top()

    def action_findings_settle(self) -> None:
        """Settle the finding, or look at what the claim rests on."""
        self.action_points_open()


def finding_points(case: Case) -> list[Point]:
    """The open findings, the settled ones, and the claims with a source."""
    beyond = {c.fingerprint for c in case.unauthorised}
    open_: list[Point] = []
    done: list[Point] = []
    for finding in case.examination.findings:
        point = _finding(case, finding, beyond)
        (open_ if point.mark in ("✖", "!") else done).append(point)
    open_.sort(key=lambda point: point.mark != "✖")
    points = [*open_, *done]
    sourced = [_claim(claim) for claim in case.examination.claims if claim.support is Support.SUPPORTED]
    loose = [_claim(claim) for claim in unasked(case)]
    for words, claims in (("Claims with a source", sourced), ("Claims no source is asked for", loose)):
        if claims:
            points += [Point(words, heading=True, label=str(len(claims))), *claims]
    return points


def unasked(case: Case) -> list[Claim]:
    """Claims without a source that no finding asks one for: said loosely, or part of a promise."""
    asked = [(f.start, f.end) for f in case.examination.findings if f.kind is not FindingKind.TONE]
    return [
        claim
        for claim in case.examination.claims
        if claim.support is not Support.SUPPORTED
        and not any(start < claim.end and claim.start < end for start, end in asked)
    ]


def open_count(case: Case) -> int:
    """How many findings still want something."""
    return len({f.fingerprint for f in case.open_findings} | {c.fingerprint for c in case.unauthorised})


def heading(case: Case) -> str:
    """What the list holds, in a word or two: what is to settle, and what is only remarked."""
    found = open_count(case)
    remarks = sum(
        1
        for f in case.examination.findings
        if not case.examination.waits(f) and f.kind is not FindingKind.COMMITMENT and case.settled(f) is None
    )
    words = [f"{found} to settle" if found else "nothing to settle"]
    if remarks:
        words.append(counted(remarks, "remark"))
    return ", ".join(words)


def _finding(case: Case, finding: Finding, beyond: set[str]) -> Point:
    settlement = case.settled(finding)
    commitment = finding.kind is FindingKind.COMMITMENT
    if finding.fingerprint in beyond:
        mark, look, detail = "✖", "bad", f"{finding.why} Beyond your authority: edit it away or ask for a grant."
    elif commitment and finding.fingerprint in case.grants:
        mark, look, detail = "✔", "good", "Granted."
    elif commitment:
        mark, look, detail = "✔", "good", f"{finding.why} Within your authority."
    elif settlement is not None:
        mark, look, detail = "✔", "good", _settled(settlement.how, settlement.by, settlement.reason)
    elif finding.blocking:
        mark, look, detail = "✖", "bad", f"{finding.why} {finding.settle}".strip()
    else:
        mark, look, detail = "!", "warn", f"{finding.why} {finding.settle}".strip()
    return Point(
        f"“{finding.quote}”" if finding.quote else "",
        mark,
        look,
        lead=f"{finding.kind.value} · {finding.subkind.replace('_', ' ')}" if finding.subkind else finding.kind.value,
        lead_look=look,
        label=labels(finding.evidence),
        detail="\n".join([detail, *sources(finding.evidence)]),
        evidence=finding.evidence,
        key=("finding", finding.fingerprint),
    )


def _settled(how: Settled, by: str, reason: str) -> str:
    words = {Settled.EVIDENCE: "settled by a line", Settled.OVERRIDE: "overridden", Settled.GRANT: "granted"}[how]
    return f"{words} by {by}: {reason}" if reason else f"{words} by {by}"


def _claim(claim: Claim) -> Point:
    sourced = claim.support is Support.SUPPORTED
    return Point(
        claim.quote,
        "✔" if sourced else "·",
        "good" if sourced else "muted",
        lead=claim.what,
        lead_look="muted",
        label=labels(claim.evidence),
        detail="\n".join(sources(claim.evidence)) if sourced else "Said loosely, or part of a promise.",
        evidence=claim.evidence,
        key=("claim", (claim.start, claim.quote)),
    )


def labels(evidence: Iterable[Evidence]) -> str:
    """How a screen points at messages: `[1][3]`."""
    found = dict.fromkeys(e.label for e in evidence if e.source is SourceKind.MESSAGE)
    return "".join(list(found)[:3])


def sources(evidence: Iterable[Evidence]) -> list[str]:
    """Evidence that is not in the thread, in words: it cannot be pointed at there."""
    return [
        f"{'§' if e.source is SourceKind.ARTICLE else '='} {e.ref}: {e.quote}"
        for e in evidence
        if e.source is not SourceKind.MESSAGE
    ][:3]
