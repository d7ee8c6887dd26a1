"""What a mail's parts say: one text for reading, the files, and remarks on all that is unusual."""

from __future__ import annotations

import re
from dataclasses import replace

from supportdesk.channels.charset import decode
from supportdesk.channels.flowed import unflow
from supportdesk.channels.headers import addresses, split_message
from supportdesk.channels.html_text import html_to_text
from supportdesk.channels.limits import Limits
from supportdesk.channels.parts import Part, content, read_tree
from supportdesk.channels.reports import calendar_text, delivery_remarks, returned_ids
from supportdesk.channels.sealed import unseal
from supportdesk.channels.tnef import Tnef, read_tnef
from supportdesk.domain.incoming import IncomingFile

_FORWARDS_DEEP = 5
_STUB = 400
"""Characters up to which a plain part may be a mere pointer to the HTML one."""
_MARKUP = re.compile(r"<[^<>]{0,1000}>")
_SIGNED_TYPES = {"application/pkcs7-signature": "S/MIME", "application/x-pkcs7-signature": "S/MIME"}
_KEYS = frozenset(["application/pgp-signature", "application/pgp-encrypted", *_SIGNED_TYPES])
_PGP_ENCRYPTED = "-----BEGIN PGP MESSAGE-----"
_PGP_SIGNED = "-----BEGIN PGP SIGNED MESSAGE-----"


class Body:
    """Reads a tree of parts; one object per mail, mails inside it included."""

    def __init__(self, raw: bytes, limits: Limits, depth: int = 0) -> None:
        """Read parts of this raw mail; `depth` counts the mails around it."""
        self.raw = raw
        self.limits = limits
        self.depth = depth
        self.texts: list[str] = []
        self.files: list[IncomingFile] = []
        self.remarks: list[str] = []
        self.invite = False
        """Whether it brings a calendar invitation."""
        self.trouble: bool | None = None
        """Whether a delivery report tells of trouble; None where there is no report."""
        self.returned: tuple[str, ...] = ()
        """Message-IDs of a mail that came back."""
        self._tnef_texts: list[str] = []

    def remark(self, words: str) -> None:
        """Note something once."""
        if words and words not in self.remarks:
            self.remarks.append(words)

    @property
    def text(self) -> str:
        """All texts, one after another."""
        texts = [text for text in self.texts if text.strip()] or self._tnef_texts
        joined = "\n\n".join(text.strip("\n") for text in texts)
        if len(joined) > self.limits.text_chars:
            self.remark(f"the text was cut after {self.limits.text_chars:,} characters")
            joined = joined[: self.limits.text_chars]
        return joined

    def read(self, part: Part, *, inside: str = "", words: bool = True) -> None:
        """Take in a part and all inside it.

        Args:
            part: The part.
            inside: The kind of multipart it stands in.
            words: Whether its text is wanted, or only its files.
        """
        if part.children:
            self._read_many(part, words)
        elif part.disposition == "attachment" or (part.filename and not self._shows_as_text(part, inside)):
            self._read_file(part, inside)
        elif part.main == "text" and part.media_type != "text/calendar":
            if words:
                self._read_text(part)
        else:
            self._read_file(part, inside)

    def _shows_as_text(self, part: Part, inside: str) -> bool:
        """Whether a part with a name is nevertheless the mail's text."""
        return part.media_type in ("text/plain", "text/html") and inside in ("alternative", "related")

    def _read_many(self, part: Part, words: bool) -> None:
        kind = part.media_type.partition("/")[2]
        if kind == "alternative":
            self._read_alternative(part, words)
        elif kind == "report":
            self._read_report(part, words)
        elif kind == "signed":
            protocol = part.params.get("protocol", "").lower()
            how = "PGP" if "pgp" in protocol else "S/MIME" if "pkcs7" in protocol else "signature"
            self.remark(f"signed ({how}, not verified)")
            for child in part.children:
                self.read(child, inside=kind, words=words)
        elif kind == "encrypted":
            self.remark("encrypted (PGP): it cannot be read here")
            for child in part.children:
                self.read(child, inside=kind, words=False)
        else:
            for index, child in enumerate(part.children):
                self.read(child, inside=kind, words=words and not (kind == "related" and index > 0))

    def _read_alternative(self, part: Part, words: bool) -> None:
        """Of several renderings of one text the plain one is read, unless it is only a pointer to the other."""
        plain = next((c for c in part.children if c.media_type == "text/plain" and c.disposition != "attachment"), None)
        chosen: Part | None = None
        if words and plain is not None:
            text = self._text_of(plain)
            rich = self._first_html(part)
            if text.strip() and (rich is None or not self._is_stub(text, rich)):
                chosen = plain
                self._take_text(text)
        for child in part.children:
            if child is chosen or (child is plain and words and self._first_html(part) is not None):
                continue
            skipped = child.media_type in ("text/x-amp-html", "text/watch-html", "text/enriched", "text/richtext")
            self.read(child, inside="alternative", words=words and chosen is None and not skipped)

    def _first_html(self, part: Part) -> Part | None:
        """The first HTML text inside a part."""
        waiting = [part]
        while waiting:
            here = waiting.pop()
            if here.media_type == "text/html" and here.disposition != "attachment":
                return here
            waiting.extend(reversed(here.children))
        return None

    def _is_stub(self, text: str, rich: Part) -> bool:
        """Whether a plain text says far less than its HTML twin, such as "your program shows no HTML"."""
        if len(text) > _STUB or rich.end - rich.start < 4 * len(text) + 2000:
            return False
        shown, _ = html_to_text(self._decoded(rich))
        stub = len("".join(shown.split())) > 5 * len("".join(text.split())) + 200
        if stub:
            self.remark("the HTML part says more than the plain one and is shown")
        return stub

    def _decoded(self, part: Part) -> str:
        text, remark = decode(content(self.raw, part), part.charset)
        self.remark(remark)
        return text.replace("\r\n", "\n").replace("\r", "\n")

    def _text_of(self, part: Part) -> str:
        """A text part as plain text."""
        text = self._decoded(part)
        if part.media_type == "text/html":
            text, hidden = html_to_text(text)
            if hidden:
                self.remark(f"hidden text was left out ({hidden:,} characters)")
            return text
        if part.media_type in ("text/enriched", "text/richtext"):
            return _MARKUP.sub("", text)
        if part.params.get("format", "").lower() == "flowed":
            text = unflow(text, delsp=part.params.get("delsp", "").lower() == "yes")
        return text

    def _take_text(self, text: str) -> None:
        head = text.lstrip()[:200]
        if _PGP_ENCRYPTED in head:
            self.remark("encrypted (PGP): it cannot be read here")
        elif _PGP_SIGNED in head:
            self.remark("signed (PGP, not verified)")
        self.texts.append(text)

    def _read_text(self, part: Part) -> None:
        self._take_text(self._text_of(part))

    def _read_report(self, part: Part, words: bool) -> None:
        """A delivery report: its words, what it says of each recipient, and which mail it is about."""
        for child in part.children:
            if child.media_type in ("message/delivery-status", "message/global-delivery-status"):
                remarks, trouble = delivery_remarks(content(self.raw, child), self.limits)
                self.trouble = trouble
                for remark in remarks:
                    self.remark(remark)
            elif child.media_type in (
                "message/rfc822",
                "text/rfc822-headers",
                "message/global",
                "message/rfc822-headers",
            ):
                self.returned = returned_ids(content(self.raw, child), self.limits)
                self._keep(child, child.filename or "returned.eml")
            elif child.media_type != "message/disposition-notification":
                self.read(child, inside="report", words=words)

    def _read_file(self, part: Part, inside: str) -> None:
        """Keep a part as a file, and read what it holds for people."""
        kind = part.media_type
        if kind in ("message/rfc822", "message/global", "message/news"):
            self._read_forward(part)
            return
        if kind in ("application/ms-tnef", "application/vnd.ms-tnef") or part.filename.lower() == "winmail.dat":
            wrapper = read_tnef(content(self.raw, part))
            if wrapper is not None:
                self._unwrap(wrapper)
                return
            self.remark("winmail.dat could not be opened")
        elif kind in ("text/calendar", "application/ics"):
            self._read_calendar(part)
        elif kind in ("application/pkcs7-mime", "application/x-pkcs7-mime"):
            if self._unseal(part):
                return
            self.remark("encrypted (S/MIME): it cannot be read here")
        elif kind == "message/partial":
            self.remark("only a piece of a mail that was sent in pieces")
        elif kind == "message/external-body":
            self.remark("refers to a file kept elsewhere, which was not fetched")
        inline = part.main == "image" and (part.disposition == "inline" or inside == "related")
        self._keep(part, part.filename, inline=inline or kind in _KEYS)

    def _keep(self, part: Part, name: str, *, inline: bool = False) -> None:
        data = content(self.raw, part)
        if not name:
            suffix = part.media_type.partition("/")[2]
            name = f"unnamed.{suffix}" if suffix.isalnum() and suffix != "plain" else "unnamed.txt"
        self.files.append(IncomingFile(name, part.media_type, len(data), data, inline))

    def _read_calendar(self, part: Part) -> None:
        text, method = calendar_text(content(self.raw, part), part.charset)
        if text and text not in self.texts:
            self.texts.append(text)
        self.invite = self.invite or bool(method and method != "PUBLISH")

    def _unseal(self, part: Part) -> bool:
        """Read the mail in an S/MIME envelope that is only signed; False if it is encrypted."""
        data = unseal(content(self.raw, part))
        if data is None or self.depth >= _FORWARDS_DEEP:
            return False
        self.remark("signed (S/MIME, not verified)")
        inner = self._inner(data)
        if inner.text:
            self.texts.append(inner.text)
        self.invite = self.invite or inner.invite
        return True

    def _inner(self, data: bytes) -> Body:
        """Read a mail inside this one; its files and remarks become this one's."""
        # What it may use up is what the mail around it has left.
        limits = replace(self.limits, parts=max(1, self.limits.parts // 4))
        tree = read_tree(data, 0, len(data), limits)
        inner = Body(data, limits, self.depth + 1)
        inner.read(tree.root)
        for remark in (*tree.remarks, *inner.remarks):
            self.remark(remark)
        self.files.extend(inner.files)
        return inner

    def _unwrap(self, wrapper: Tnef) -> None:
        """Take the files and, failing others, the text out of Outlook's wrapper."""
        for file in wrapper.files:
            if file.content or file.name:
                name = " ".join(file.name.split())[:255] or "unnamed"
                kept = IncomingFile(name, file.media_type, len(file.content), file.content, file.inline)
                self.files.append(kept)
        text = wrapper.text or (html_to_text(wrapper.html)[0] if wrapper.html else "")
        if text:
            self._tnef_texts.append(text.replace("\r\n", "\n"))
        elif wrapper.rtf:
            self.files.append(IncomingFile("message.rtf", "application/rtf", len(wrapper.rtf), wrapper.rtf))

    def _read_forward(self, part: Part) -> None:
        """A mail inside the mail: its text below a mark, its files beside the others, itself as a file."""
        data = content(self.raw, part)
        headers, _ = split_message(data, 0, len(data), self.limits)
        subject = " ".join(headers.text("subject").split())[:200]
        name = part.filename or f"{subject[:100] or 'forwarded'}.eml"
        self.files.append(IncomingFile(name, "message/rfc822", len(data), data))
        if self.depth >= _FORWARDS_DEEP:
            self.remark("mails inside mails were opened five deep only")
            return
        inner = self._inner(data)
        who = [
            f"{label}: {', '.join(str(a) for a in found[:20])}"
            for label, field in (("From", "from"), ("To", "to"))
            if (found := addresses(headers.raw(field), self.limits))
        ]
        head = [*who[:1], *([f"Date: {headers.raw('date')[:80]}"] if "date" in headers else [])]
        head += [*([f"Subject: {subject}"] if subject else []), *who[1:]]
        if head or inner.text:
            lines = ["---------- Forwarded message ----------", *head, "", inner.text]
            self.texts.append("\n".join(lines))
