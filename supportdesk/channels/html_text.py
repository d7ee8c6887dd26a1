"""HTML mail as plain text a person can read and rules can quote: links spelled out, quotes as `> `.

Walks the parsed tree without recursion, so that nesting costs nothing; what is hidden from a reader's eye is
left out and counted, since it is written for filters and models, not for people.
"""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

LONGEST = 2_000_000
"""Characters of HTML that are read."""

_SKIPPED = frozenset(
    """
    head script style title template noscript meta link object embed applet iframe svg math select textarea audio
    video canvas map
    """.split()  # noqa: SIM905 - a list of words reads better as words
)
_SPACED = frozenset(["p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "ul", "ol", "dl", "table"])
_BLOCKS = _SPACED | frozenset(
    """
    div li tr dt dd section article header footer address main nav aside center form caption thead tbody tfoot figure
    fieldset figcaption body html hr legend details summary
    """.split()  # noqa: SIM905
)
_HIDING = re.compile(r"display:none|visibility:hidden|mso-hide:all|opacity:0(?:\.0+)?(?:;|$|!)")
_SHRUNK = re.compile(r"(?:font-size|max-height|max-width):0(?:px|pt|em|%)?(?:;|$|!)")
_SPACES = re.compile(r"[ \t\r\n\f\u200b]+")
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,15})[^<>]{0,4096}>?")
_ANY_TAG = re.compile(r"<[^<>]*>")
_VOID = frozenset(
    ["br", "img", "hr", "meta", "link", "input", "col", "area", "wbr", "base", "source", "p", "li", "td", "tr", "th"]
)
_NESTED = 400
_DEEPEST = 15
_LONGEST_LINK = 2000
_LONG_CELL = 100


def html_to_text(html: str) -> tuple[str, int]:
    """The readable text of an HTML document, and how many characters of it were hidden from readers."""
    from selectolax.lexbor import LexborHTMLParser

    html = html[:LONGEST]
    if html.count("<") > _NESTED and _too_deep(html):
        return " ".join(unescape(_ANY_TAG.sub(" ", html)).split()), 0
    root = LexborHTMLParser(html).root
    if root is None:
        return "", 0
    walk = _Walk()
    walk.run(root)
    return walk.page.text(), walk.hidden


def _too_deep(html: str) -> bool:
    """Whether elements nest deeper than people's mails do: an HTML parser's time grows with the square of it."""
    depth = 0
    for match in _TAG.finditer(html):
        if match.group(1):
            depth = max(0, depth - 1)
        elif match.group(2).lower() not in _VOID:
            depth += 1
            if depth > _NESTED:
                return True
    return False


class _Page:
    """Lines being written; breaks wait until something follows them."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.line: list[str] = []
        self.waiting = 0
        """Breaks to make before the next words: 0 none, 1 a new line, 2 a blank line."""
        self.quotes = 0
        self.bullet = ""
        self.indent = 0
        self.line_quotes = 0

    def words(self, text: str, *, exactly: bool = False) -> None:
        """Add words to the line, white space folded unless it is preformatted."""
        if exactly:
            first, *rest = text.replace("\r\n", "\n").split("\n")
            self._put(first)
            for line in rest:
                self.new_line()
                self._put(line)
            return
        text = _SPACES.sub(" ", text)
        if text == " ":
            if self.line and not self.waiting and not self.line[-1].endswith(" "):
                self.line.append(" ")
            return
        if not self.line or self.waiting or self.line[-1].endswith(" "):
            text = text.lstrip(" ")
        self._put(text)

    def _put(self, text: str) -> None:
        if not text:
            return
        if self.waiting:
            self.flush()
        if not self.line:
            self.line_quotes = self.quotes
            if self.bullet or self.indent:
                self.line.append("  " * max(0, self.indent - 1) + (self.bullet or "  "))
                self.bullet = ""
        self.line.append(text)

    def want(self, breaks: int) -> None:
        """Ask for a new line (1) or a blank line (2) before the next words."""
        self.waiting = max(self.waiting, breaks)

    def flush(self) -> None:
        """Make the breaks that wait."""
        blank, self.waiting = self.waiting == 2, 0
        if self.line:
            self.new_line()
        if blank and self.lines and self.lines[-1].strip("> "):
            self.lines.append("> " * min(self.line_quotes, self.quotes))

    def new_line(self) -> None:
        """End the line, blank or not."""
        quotes = self.line_quotes if self.line else self.quotes
        self.lines.append("> " * quotes + "".join(self.line).rstrip())
        self.line = []

    def text(self) -> str:
        """All lines, never more than two blank ones in a row."""
        self.new_line()
        out: list[str] = []
        blanks = 0
        for line in self.lines:
            line = line.replace("\xa0", " ").rstrip()
            blanks = blanks + 1 if not line else 0
            if blanks <= 2:
                out.append(line)
        return "\n".join(out).strip("\n")


class _Walk:
    """One pass over a tree, entering and leaving each element."""

    def __init__(self) -> None:
        self.page = _Page()
        self.hidden = 0
        self.pre = 0
        self.lists: list[int] = []
        self.links: list[tuple[str, int, int]] = []
        self.cells: list[int] = []

    def run(self, root: LexborNode) -> None:
        """Walk everything below a node."""
        # Depth is counted: comparing nodes would compare their whole HTML.
        node: LexborNode | None = root
        depth = 0
        while node is not None:
            if self._enter(node):
                child = node.child
                if child is not None:
                    node, depth = child, depth + 1
                    continue
                self._leave(node)
            while depth and node is not None and node.next is None:
                node, depth = node.parent, depth - 1
                if node is not None:
                    self._leave(node)
            if not depth or node is None:
                return
            node = node.next

    def _enter(self, node: LexborNode) -> bool:
        """Start an element; whether its children are to be read."""
        tag = node.tag
        if tag == "-text":
            self.page.words(node.text(deep=False), exactly=self.pre > 0)
            return False
        if tag is None or tag[0] in "-!" or tag in _SKIPPED:
            return False
        if self._is_hidden(node):
            return False
        if tag == "br":
            self._break()
        elif tag == "img":
            self._image(node)
        elif tag == "a":
            self.links.append((node.attributes.get("href") or "", len(self.page.lines), len(self.page.line)))
        elif tag in ("td", "th"):
            self._cell()
        elif tag in _BLOCKS:
            self._open_block(tag, node)
        return True

    def _leave(self, node: LexborNode) -> None:
        """End an element that was entered."""
        tag = node.tag
        if tag == "a" and self.links:
            self._link()
        elif tag in _BLOCKS:
            self._close_block(tag)

    def _is_hidden(self, node: LexborNode) -> bool:
        attributes = node.attributes
        style = attributes.get("style") or ""
        if not style and "hidden" not in attributes:
            return False
        plain = style.lower().replace(" ", "")
        hides = "hidden" in attributes or _HIDING.search(plain) is not None
        if not hides and _SHRUNK.search(plain) is not None:
            # A wrapper shrunk to kill white space sets the size again for what it holds.
            hides = (node.html or "").lower().count("font-size") <= 1
        if hides:
            self.hidden += len("".join((node.text() or "").split()))
        return hides

    def _break(self) -> None:
        page = self.page
        if page.waiting:
            page.flush()
        page.new_line()

    def _image(self, node: LexborNode) -> None:
        words = (node.attributes.get("alt") or "").strip()
        if words and node.attributes.get("width") not in ("0", "1"):
            self.page.words(f"[image: {words[:200]}] ")

    def _cell(self) -> None:
        page = self.page
        if not self.cells:
            return
        if self.cells[-1] and page.line and sum(map(len, page.line)) <= _LONG_CELL:
            page.waiting = 0
            page.words(" | ")
        elif self.cells[-1]:
            page.want(1)
        self.cells[-1] += 1

    def _open_block(self, tag: str, node: LexborNode) -> None:
        page = self.page
        # A block that opens a table's cell stays on the cell's line.
        if not (self.cells and page.line and page.line[-1].endswith("| ")):
            page.want(1 if self.cells or self.lists or tag not in _SPACED else 2)
        if tag == "blockquote":
            page.quotes = min(page.quotes + 1, _DEEPEST)
        elif tag == "pre":
            self.pre += 1
        elif tag in ("ul", "ol"):
            start = node.attributes.get("start") or "1"
            self.lists.append(0 if tag == "ul" else int(start) if start.isdecimal() and len(start) < 6 else 1)
            page.indent = min(len(self.lists), 8)
        elif tag == "li":
            number = self.lists[-1] if self.lists else 0
            page.bullet = f"{number}. " if number else "- "
            if number:
                self.lists[-1] += 1
        elif tag == "tr":
            self.cells.append(0)
        elif tag == "hr":
            page.words("----------")
            page.want(1)

    def _close_block(self, tag: str) -> None:
        page = self.page
        if tag == "blockquote":
            page.quotes = max(0, page.quotes - 1)
        elif tag == "pre":
            self.pre = max(0, self.pre - 1)
        elif tag in ("ul", "ol") and self.lists:
            self.lists.pop()
            page.indent = min(len(self.lists), 8)
        elif tag == "li":
            page.bullet = ""
        elif tag == "tr" and self.cells:
            self.cells.pop()
        page.want(2 if tag in _SPACED and not self.lists and not self.cells else 1)

    def _link(self) -> None:
        href, lines, words = self.links.pop()
        href = href.strip()[:_LONGEST_LINK]
        kind = href.partition(":")[0].lower()
        if kind not in ("http", "https", "mailto", "tel", "ftp") or len(self.page.lines) - lines > 50:
            return
        fresh = self.page.line[words if len(self.page.lines) == lines else 0 :]
        shown = "".join([*self.page.lines[lines:], *fresh]).strip()
        target = href[len(kind) + 1 :].lstrip("/")
        if kind == "mailto":
            target = target.partition("?")[0]
        bare = shown.lower().removeprefix(f"{kind}:").lstrip("/").rstrip("/")
        if shown and bare != target.lower().rstrip("/"):
            self.page.words(f" <{href}>")
