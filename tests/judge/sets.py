"""Reading labelled sets and turning their lines into the desk's values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from supportdesk.domain.evidence import Article
from supportdesk.domain.thread import EPOCH, Message, Thread
from supportdesk.domain.words import Author

from .rows import NotThere

HERE = Path(__file__).resolve().parent.parent / "judgement"
JUDGING = HERE / "judging"
BUILDING = HERE / "building"

Record = Mapping[str, Any]


def load(path: Path) -> list[Record]:
    """The records of a JSON Lines file.

    Raises NotThere when there is no such file.
    """
    if not path.is_file():
        raise NotThere(f"{path.name} is not there")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def thread_of(record: Record) -> Thread:
    """The thread of a line in the format of `supportdesk triage` and `supportdesk check`."""
    channel = record.get("channel", "mail")
    messages = tuple(
        Message(
            author=Author(item["from"]),
            text=item["text"],
            position=position,
            sent_at=datetime.fromisoformat(item["at"]).replace(tzinfo=UTC) if item.get("at") else EPOCH,
            channel=channel,
        )
        for position, item in enumerate(record["messages"])
    )
    return Thread(messages, record.get("subject", ""), channel, record.get("records", {}))


def articles_of(record: Record) -> tuple[Article, ...]:
    """The articles a draft was written with."""
    language = record.get("expect", {}).get("language", "en")
    return tuple(Article(a["slug"], a["title"], a["text"], language=language) for a in record.get("articles", ()))


def words_of(record: Record) -> str:
    """All that the customer wrote, subject first, for the bag of words."""
    texts = [m["text"] for m in record["messages"] if m["from"] == Author.CUSTOMER]
    return "\n".join([record.get("subject", ""), *texts])
