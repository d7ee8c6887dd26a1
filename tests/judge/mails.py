"""Mail corpora: trimming quotes (email_reply_trimmer) and summaries against human ones (BC3)."""

from __future__ import annotations

import html
import json
from pathlib import Path
from statistics import mean

from supportdesk.domain.thread import Address, Message, Thread
from supportdesk.domain.words import Author
from supportdesk.text import fold, stands_in

from .intervals import Share
from .rouge import rouge_1, rouge_l
from .rows import Row
from .rules import quoting_rule, triage_rule


def quoting(root: Path) -> list[Row]:
    """Mails trimmed to their writer's own words exactly as expected, white space folded."""
    trimmed = quoting_rule()
    folder = root / "email" / "reply_trimmer"
    right = whole = n = 0
    for path in sorted((folder / "emails").iterdir()):
        raw = path.read_text(encoding="utf-8")
        expected = fold((folder / "trimmed" / path.name).read_text(encoding="utf-8"))
        n += 1
        right += fold(trimmed(raw)) == expected
        whole += fold("\n".join(line for line in raw.splitlines() if not line.startswith(">"))) == expected
    return [Row("reply_trimmer", "own words exactly", Share(right, n), None, f"{whole / n:.2f}", 58 / 64)]


def summaries(root: Path) -> list[Row]:
    """ROUGE-1 and ROUGE-L, F1, mean over annotators and threads, beside two plain baselines.

    They are the first and last sentence of the thread, and those of every message. The first row says how many
    summary points stand verbatim in their message.
    """
    rule = triage_rule()
    scores: dict[str, list[tuple[float, float]]] = {"desk": [], "thread": [], "messages": []}
    points = verbatim = better_1 = better_l = 0
    threads = [json.loads(line) for line in (root / "threads" / "bc3_dev20.jsonl").open(encoding="utf-8")]
    for record in threads:
        texts = [[html.unescape(sentence) for _, sentence in doc["sents"]] for doc in record["docs"]]
        thread = _thread(record, texts)
        result = rule(thread)
        for point in result.summary:
            points += 1
            evidence = point.evidence
            verbatim += evidence is not None and stands_in(evidence.quote, thread.messages[int(evidence.ref)].text)
        candidates = {
            "desk": " ".join(point.evidence.quote if point.evidence else point.text for point in result.summary),
            "thread": " ".join((texts[0][0], texts[-1][-1])),
            "messages": " ".join(sentence for text in texts for sentence in dict.fromkeys((text[0], text[-1]))),
        }
        references = [" ".join(words for _, words in a["summary"]) for a in record["annotations"]]
        for name, words in candidates.items():
            scores[name].append(
                (mean(rouge_1(words, r) for r in references), mean(rouge_l(words, r) for r in references))
            )
        rivals = [scores[name][-1] for name in ("thread", "messages")]
        better_1 += scores["desk"][-1][0] > max(rival[0] for rival in rivals)
        better_l += scores["desk"][-1][1] > max(rival[1] for rival in rivals)
    out = [Row("BC3", "summary points verbatim", Share(verbatim, points), None, "", 1.0)]
    for index, (name, better) in enumerate((("ROUGE-1", better_1), ("ROUGE-L", better_l))):
        values = {key: mean(score[index] for score in pairs) for key, pairs in scores.items()}
        said = f"thread {values['thread']:.3f}, messages {values['messages']:.3f}"
        out.append(Row("BC3", name, Share(better, len(threads)), None, said, score=values["desk"]))
    return out


def _thread(record: dict[str, object], texts: list[list[str]]) -> Thread:
    """A mailing-list thread: whoever began it is the customer, everybody else an agent."""
    docs = record["docs"]
    assert isinstance(docs, list)
    first = docs[0]["frm"]
    messages = tuple(
        Message(
            Author.CUSTOMER if doc["frm"] == first else Author.AGENT,
            "\n".join(sentences),
            position,
            sender=Address(doc["frm"]),
        )
        for position, (doc, sentences) in enumerate(zip(docs, texts, strict=True))
    )
    return Thread(messages, subject=str(record["name"]))
