"""Pasted text is text: whatever control characters it holds, none of it is ever taken for a key."""

from __future__ import annotations

from collections.abc import Generator, Iterable

from textual import events
from textual._xterm_parser import BRACKETED_PASTE_END, BRACKETED_PASTE_START, XTermParser
from textual.message import Message

from supportdesk.text import clean


class PasteParser(XTermParser):
    """Takes pastes out of what the terminal sends before Textual looks for keys in it.

    Textual's own parser goes on looking for sequences inside a paste: after an ESC there it swallows what
    follows, or hands it out as keys.
    """

    def __init__(self, debug: bool = False) -> None:
        """Begin outside of any paste."""
        self._pasted: str | None = None
        self._tail = ""
        super().__init__(debug)

    def feed(self, data: str) -> Iterable[Message]:
        """Hand out keys and pastes in the order they came."""
        if not data:
            yield from super().feed(data)
        while data:
            data = yield from self._keys(data) if self._pasted is None else self._paste(self._pasted, data)

    def _keys(self, data: str) -> Generator[Message, None, str]:
        """Leave everything before a paste to Textual; returns what comes after the mark of its begin."""
        seen = self._tail + data
        at = seen.find(BRACKETED_PASTE_START)
        before = at - len(self._tail)
        if at < 0:
            self._tail = seen[-(len(BRACKETED_PASTE_START) - 1) :]
            yield from super().feed(data)
            return ""
        if before < 0:
            # The mark came in two pieces, and Textual waits to see what follows the first: it was ours.
            self._gen = self.parse(self._tokens.append)
            self._awaiting = next(self._gen)
            self._timeout_time = None
        elif before > 0:
            yield from super().feed(data[:before])
        if self._timeout_time is not None:
            # An Esc that was pressed just before the paste comes before it.
            self._timeout_time = 0.0
            yield from self.tick()
        self._tail, self._pasted = "", ""
        return seen[at + len(BRACKETED_PASTE_START) :]

    def _paste(self, pasted: str, data: str) -> Generator[Message, None, str]:
        """Collect a paste to its end; returns what comes after it."""
        seen = pasted + data
        begin = max(len(pasted) - len(BRACKETED_PASTE_END), 0)
        end = seen.find(BRACKETED_PASTE_END, begin)
        if end < 0:
            self._pasted = seen
            return ""
        # An end that was pasted itself is none: only the last one before another paste begins was the terminal's.
        other = seen.find(BRACKETED_PASTE_START, end)
        end = seen.rfind(BRACKETED_PASTE_END, end, other if other >= 0 else len(seen))
        self._pasted = None
        yield events.Paste(clean(seen[:end]))
        return seen[end + len(BRACKETED_PASTE_END) :]
