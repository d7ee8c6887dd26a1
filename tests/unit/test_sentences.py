"""Sentences: where they begin and end."""

import itertools

import pytest

from supportdesk.rules.sentences import LONGEST, sentences


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It broke. Please help!", ["It broke.", "Please help!"]),
        ("it broke. pls help", ["it broke.", "pls help"]),
        ("I paid 3.50 to Mr. Smith on 3. Mai. Why?", ["I paid 3.50 to Mr. Smith on 3. Mai.", "Why?"]),
        ("Das ist z.B. Nr. 12 bzw. 13.", ["Das ist z.B. Nr. 12 bzw. 13."]),
        ("Call me at 5 p.m. Then we talk.", ["Call me at 5 p.m.", "Then we talk."]),
        ("Name: Ana\nOrder: 12\n- late\n- broken", ["Name: Ana", "Order: 12", "- late", "- broken"]),
        ("我的订单没有到。请帮助！", ["我的订单没有到。", "请帮助！"]),
        ("Hi team,\nwhere is it?", ["Hi team,", "where is it?"]),
    ],
)
def test_a_text_is_cut_where_a_reader_would_cut_it(text: str, expected: list[str]) -> None:
    """Abbreviations, ordinals, prices and initials hold a sentence together; stops, lists and forms end one."""
    assert split(text) == expected


def test_a_wrapped_line_stays_one_sentence() -> None:
    """Mail programs break lines at 72 columns; the break means nothing."""
    text = "The second invoice you sent me last week shows the same amount as the\nfirst one, which I paid already."
    assert split(text) == [text]


@pytest.mark.parametrize("text", ["", " \n\t ", "a" * 5000, "word " * 3000, ".\n" * 400, "?" * 3000])
def test_spans_are_in_order_apart_and_never_blank_or_too_long(text: str) -> None:
    """Whoever reads a span finds words in it, once."""
    spans = sentences(text)
    assert all(0 < end - start <= LONGEST and text[start:end].strip() for start, end in spans)
    assert all(a.end <= b.start for a, b in itertools.pairwise(spans))
    kept = "".join("".join(text[start:end].split()) for start, end in spans)
    assert kept == "".join(text.split())
