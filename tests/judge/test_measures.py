"""The measures themselves: intervals, ROUGE, the centroid baseline, and what counts as found."""

from __future__ import annotations

import pytest
from judge.centroids import Centroids
from judge.check import _found
from judge.identifiers import shares
from judge.intervals import Share, wilson
from judge.rouge import rouge_1, rouge_l
from judge.rules import Seen


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_intervals_agree_with_published_ones(hits: int, n: int, low: float, high: float) -> None:
    """Newcombe 1998, Statistics in Medicine 17, table I, method 3."""
    assert wilson(hits, n) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_a_share_of_nothing_can_be_anything() -> None:
    """No trial, no knowledge, and no division by zero."""
    assert wilson(0, 0) == (0.0, 1.0)
    assert str(Share(0, 0)) == "-"


def test_more_hits_than_trials_are_refused() -> None:
    """A share above one is an error in counting."""
    with pytest.raises(ValueError, match="5 of 4"):
        wilson(5, 4)


def test_rouge_counts_words_and_their_order() -> None:
    """ROUGE-1 sees the words, ROUGE-L their order too."""
    assert rouge_1("the cat sat", "sat the cat") == 1.0
    assert rouge_l("the cat sat", "sat the cat") == pytest.approx(2 / 3)
    assert rouge_1("a a a", "a b") == pytest.approx(2 / 5)
    assert rouge_l("", "a b") == 0.0


def test_the_nearer_centroid_decides() -> None:
    """A text gets the kind whose texts it resembles, and none if it resembles the others more."""
    texts = ["give me a refund", "refund my money please", "what time do you open", "do you open on sunday"]
    plain = Centroids(texts, [{"refund"}, {"refund"}, set(), set()])
    assert plain.kinds("a refund of my money") == {"refund"}
    assert plain.kinds("when do you open") == frozenset()


def test_a_fault_is_found_by_the_right_kind_on_its_words_only() -> None:
    """Neither the right kind elsewhere nor another kind in the right place counts."""
    fault = {"kind": "fact", "quote": "ten days", "start": 10, "end": 18}
    assert _found(fault, [fault], [Seen("fact", "", 14, 30)])
    assert not _found(fault, [fault], [Seen("fact", "", 18, 30)])
    assert not _found(fault, [fault], [Seen("tone", "", 10, 18)])
    assert _found({**fault, "or": ["tone"]}, [fault], [Seen("tone", "", 10, 18)])


def test_a_question_left_out_is_not_found_by_a_finding_about_something_else() -> None:
    """A finding of the same kind that belongs to another planted fault is not counted twice."""
    asked = {"kind": "thread", "quote": "your order number?", "start": 0, "end": 18}
    silent = {"kind": "thread", "quote": ""}
    assert not _found(silent, [asked, silent], [Seen("thread", "asked_again", 0, 18)])
    assert _found(silent, [asked, silent], [Seen("thread", "unanswered", 40, 60)])


def test_identifiers_need_kind_and_half_the_span() -> None:
    """A fragment or a whole paragraph is no find."""
    record = {"spans": [{"kind": "phone", "start": 10, "end": 20}]}

    def counted(*found: tuple[str, int, int]) -> tuple[int, int]:
        recall, precision = shares([record], [list(found)], ("phone", "card"))
        return recall.hits, precision.hits

    assert counted(("phone", 12, 20)) == (1, 1)
    assert counted(("phone", 16, 20)) == (0, 0)
    assert counted(("phone", 0, 60)) == (0, 0)
    assert counted(("card", 10, 20)) == (0, 0)
