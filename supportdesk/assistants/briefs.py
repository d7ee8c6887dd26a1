"""What a model is shown: one thread and the articles found for it, as data between marks nobody can guess."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from prompts import Prompt, render
from supportdesk.assistants.fallback import Messages
from supportdesk.assistants.placeholders import Placeholders
from supportdesk.assistants.replies import json_schema
from supportdesk.domain.evidence import Article
from supportdesk.domain.thread import Message, Thread
from supportdesk.domain.words import Author

THREAD_CHARACTERS = 24_000
"""How much of a thread goes along; a longer one is cut by whole messages."""
ARTICLE_CHARACTERS = 6_000
"""How much of one article goes along."""
RECORD_CHARACTERS = 8_000
"""How much of the records goes along."""
LETTER_CHARACTERS = 600
"""How much of each letter goes along when several are named together."""


@dataclass(frozen=True, slots=True)
class Brief:
    """The messages of one call."""

    messages: Messages
    """System and user message."""
    left_out: str
    """What of the thread was left out, in words; empty for nothing."""


def brief(
    tasks: Sequence[Prompt],
    frame: Prompt,
    values: Mapping[str, object],
    thread: Thread,
    articles: Sequence[Article],
    shape: type[BaseModel],
    hidden: Placeholders | None,
    *,
    notes: bool = False,
    draft: str = "",
) -> Brief:
    """The messages for one call of these tasks. With `hidden`, identifiers are replaced in all of them."""
    sees = {sight for task in tasks for sight in task.sees}
    data, left_out = _data(sees, thread, articles, hidden, notes=notes, draft=draft)
    return _brief(tasks, frame, values, data, left_out, shape, hidden)


def letters_brief(
    tasks: Sequence[Prompt],
    frame: Prompt,
    values: Mapping[str, object],
    letters: Sequence[str],
    shape: type[BaseModel],
    hidden: Placeholders | None,
) -> Brief:
    """The messages for a call about several letters: the beginning of each, nothing of who wrote it."""
    data: list[tuple[str, object]] = [(f"letter {n}", text[:LETTER_CHARACTERS]) for n, text in enumerate(letters, 1)]
    if hidden is not None:
        data = [(name, hidden.replace_all(value)) for name, value in data]
    return _brief(tasks, frame, values, data, "", shape, hidden)


def _brief(
    tasks: Sequence[Prompt],
    frame: Prompt,
    values: Mapping[str, object],
    data: Sequence[tuple[str, object]],
    left_out: str,
    shape: type[BaseModel],
    hidden: Placeholders | None,
) -> Brief:
    marker = secrets.token_hex(8)
    given = {**values, "marker": marker}
    if hidden is not None:
        given["instruction"] = hidden.replace(str(given.get("instruction", "")))
        given["keys"] = hidden.replace_all(given.get("keys", []))
    keys = ", ".join(f'"{task.name}"' for task in tasks)
    system = [render(frame, given), f"Answer with one JSON object that has the keys {keys}, and nothing else."]
    system += [f"## {task.name}\n{render(task, given)}" for task in tasks]
    schema = json.dumps(json_schema(shape), ensure_ascii=False, separators=(",", ":"))
    system.append(f"The answer's JSON schema:\n{schema}")
    lines = []
    for name, value in data:
        # JSON keeps each item on one line: no text can end its own fence.
        lines += [f"<<<{marker} {name}", json.dumps(value, ensure_ascii=False, default=str), f"{marker}>>>"]
    if left_out:
        lines.append(f"({left_out})")
    return Brief(
        ({"role": "system", "content": "\n\n".join(system)}, {"role": "user", "content": "\n".join(lines)}), left_out
    )


def fitting(messages: Sequence[Message], room: int = THREAD_CHARACTERS) -> tuple[tuple[Message, ...], str]:
    """The messages that fit: the first, then the latest ones; and what was left out, in words."""
    if sum(len(m.text) for m in messages) <= room:
        return tuple(messages), ""
    first, *rest = messages
    kept: list[Message] = []
    left = room - min(len(first.text), room // 3)
    for message in reversed(rest):
        if kept and len(message.text) > left:
            break
        kept.insert(0, message)
        left -= len(message.text)
    out = [m.position + 1 for m in rest if m not in kept]
    words = f"messages {out[0]} to {out[-1]} were left out for length" if out else ""
    long = [m.position + 1 for m in (first, *kept) if len(m.text) > room // 3]
    if long:
        cut = f"message {', '.join(map(str, long))} is shown up to {room // 3:,} characters"
        words = f"{words}; {cut}" if words else cut
    return (first, *kept), words


def _data(
    sees: set[str],
    thread: Thread,
    articles: Sequence[Article],
    hidden: Placeholders | None,
    *,
    notes: bool,
    draft: str,
) -> tuple[list[tuple[str, object]], str]:
    shown = [m for m in thread.messages if notes or m.author is not Author.INTERNAL]
    kept, left_out = fitting(shown) if shown else ((), "")
    data: list[tuple[str, object]] = []
    if "thread" in sees:
        data.append(("subject", thread.subject[:500]))
        data += [(f"message {m.position + 1}", _message(m)) for m in kept]
    if "records" in sees and thread.records:
        whole = json.dumps(thread.records, ensure_ascii=False, default=str)
        data.append(("records", thread.records if len(whole) <= RECORD_CHARACTERS else whole[:RECORD_CHARACTERS]))
    if "draft" in sees:
        data.append(("draft", draft))
    if hidden is not None:
        data = [(name, hidden.replace_all(value)) for name, value in data]
    if "articles" in sees:
        data += [
            (f"article {a.slug}", {"title": a.title, "language": a.language, "text": a.text[:ARTICLE_CHARACTERS]})
            for a in articles
        ]
    return data, left_out


def _message(message: Message) -> dict[str, object]:
    who = {Author.CUSTOMER: "customer", Author.AGENT: "we", Author.INTERNAL: "internal note, not for the customer"}
    shown: dict[str, object] = {
        "from": who[message.author],
        "name": message.sender.name,
        "sent": message.sent_at.date().isoformat(),
        "text": message.text[: THREAD_CHARACTERS // 3],
    }
    if message.attachments:
        shown["attachments"] = [f"{a.name} ({a.media_type})" for a in message.attachments]
    return shown
