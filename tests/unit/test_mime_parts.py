"""The tree of parts, held against the standard library's parser."""

from __future__ import annotations

import email
from collections.abc import Iterator
from email.message import EmailMessage, Message

from hypothesis import given, settings
from hypothesis import strategies as st

from supportdesk.channels.limits import Limits
from supportdesk.channels.parts import Part, content, read_tree


def ours(raw: bytes) -> list[tuple[str, str, bytes]]:
    """Type, name and bytes of each leaf, as we see them."""

    def leaves(part: Part) -> Iterator[Part]:
        if part.children:
            for child in part.children:
                yield from leaves(child)
        else:
            yield part

    tree = read_tree(raw, 0, len(raw), Limits())
    return [(p.media_type, p.filename, content(raw, p).strip()) for p in leaves(tree.root)]


def theirs(raw: bytes) -> list[tuple[str, str, bytes]]:
    """The same as the standard library sees them."""

    def leaves(message: Message) -> Iterator[Message]:
        if message.is_multipart():
            for child in message.get_payload():
                assert isinstance(child, Message)
                yield from leaves(child)
        else:
            yield message

    parsed = email.message_from_bytes(raw)
    found = []
    for leaf in leaves(parsed):
        data = leaf.get_payload(decode=True)
        assert isinstance(data, bytes)
        found.append((leaf.get_content_type(), leaf.get_filename() or "", data.strip()))
    return found


_files = st.tuples(st.binary(max_size=200), st.sampled_from(["a.bin", "b c.txt", "ü.pdf", '"q".x']))


@settings(max_examples=200, deadline=None)
@given(
    st.text(st.characters(codec="utf-8", exclude_characters="\r", exclude_categories=("Cs", "Cc")), max_size=200),
    st.none() | st.just("<p>rich</p>"),
    st.lists(_files, max_size=4),
    st.sampled_from(["7bit", "quoted-printable", "base64"]),
    st.booleans(),
)
def test_any_well_formed_mail_has_the_leaves_the_standard_library_finds(
    text: str, html: str | None, files: list[tuple[bytes, str]], encoding: str, crlf: bool
) -> None:
    """Same parts, same names, same bytes, for mails the standard library writes itself."""
    message = EmailMessage()
    message["Subject"] = "x"
    message.set_content(text, cte="base64" if encoding == "7bit" and not text.isascii() else encoding)
    if html:
        message.add_alternative(html, subtype="html")
    for data, name in files:
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    raw = message.as_bytes()
    raw = raw.replace(b"\n", b"\r\n") if crlf else raw
    assert ours(raw) == theirs(raw)


def test_a_boundary_that_begins_another_is_not_taken_for_it() -> None:
    """`--b` and `--bb` are two boundaries."""
    raw = (
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=bb\n\n"
        b"--bb\n\none\n--bb\n\ntwo\n--bb--\n--b\n\nthree\n--b--\n"
    )
    assert [leaf[2] for leaf in ours(raw)] == [b"one", b"two", b"three"]


def test_a_multipart_without_its_boundary_is_read_all_the_same() -> None:
    """The boundary is found where it is not declared; where there is none, the text is read as text."""
    undeclared = b"Content-Type: multipart/mixed\n\n--x9\nContent-Type: text/plain\n\none\n--x9--\n"
    assert [leaf[2] for leaf in ours(undeclared)] == [b"one"]
    nowhere = b"Content-Type: multipart/mixed; boundary=x\n\nall there is\n"
    assert ours(nowhere) == [("text/plain", "", b"all there is")]


def test_damaged_encodings_give_what_can_be_had() -> None:
    """Base64 without padding and with litter in it, quoted-printable with stray signs."""
    head = b"Subject: x\nContent-Transfer-Encoding: "
    assert ours(head + b"base64\n\naGVsbG8")[0][2] == b"hello"
    assert ours(head + b"base64\n\naGVs*\nbG8=\n")[0][2] == b"hello"
    assert ours(head + b"quoted-printable\n\na=3Db =ZZ c=\nd")[0][2] == b"a=b =ZZ cd"
    assert ours(head + b"x-uuencode\n\nbegin 644 a\n%:&5L;&\\ \n`\nend\n")[0][2] == b"hello"


def test_what_is_beyond_the_limits_is_cut_and_said() -> None:
    """Depth, number of parts, size and number of headers."""
    parts = b"--b\n\nx\n" * 30
    raw = b"Content-Type: multipart/mixed; boundary=b\n\n" + parts
    tree = read_tree(raw, 0, len(raw), Limits(parts=10))
    assert len(tree.root.children) == 9
    assert any("too many parts" in remark for remark in tree.remarks)
    raw = b"X-Long: " + b"y" * 5000 + b"\n\nhi"
    tree = read_tree(raw, 0, len(raw), Limits(header_bytes=1000))
    assert len(tree.root.headers.raw("x-long")) < 1000
    assert any("cut" in remark for remark in tree.remarks)
    raw = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(9))
    tree = read_tree(raw, 0, len(raw), Limits(depth=3))
    assert any("deeper than 3" in remark for remark in tree.remarks)


def test_text_that_follows_the_headers_without_a_blank_line_is_text() -> None:
    """A missing blank line costs no words."""
    assert ours(b"Subject: x\nHello there,\nI need help.\n\nAnn\n")[0][2] == b"Hello there,\nI need help.\n\nAnn"
