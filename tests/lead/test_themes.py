"""What many letters are about."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from judge.clusters import accuracy, k_means, mutual_information, rand_index
from judge.sets import load
from judge.themes import grouped

from supportdesk.rules.themes import SMALLEST, alike, find_themes

MATTERS = {
    "invoice": [
        "My invoice for {} is missing",
        "I never got the invoice for {}",
        "please send the missing invoice of {}",
    ],
    "helmet": [
        "The helmet strap broke after {}",
        "my helmet strap is broken since {}",
        "broken strap on my helmet, {}",
    ],
    "kette": ["Die Kette springt seit {}", "meine Kette springt immer, {}", "Kette springt beim Schalten, {}"],
}


def letters(copies: int = 10) -> tuple[list[str], list[str]]:
    """Letters about three matters, mixed."""
    months = ["January", "March", "Juli", "Oktober", "winter"]
    made = [(m, s.format(months[i % 5])) for m, sentences in MATTERS.items() for s in sentences for i in range(copies)]
    random.Random(4).shuffle(made)
    return [text for _, text in made], [matter for matter, _ in made]


def test_letters_about_one_matter_are_one_theme() -> None:
    """In two languages, whatever the wording around them; the name says what it is."""
    texts, matters = letters()
    found = find_themes(texts)
    assert len(found) == 3
    for theme in found:
        (matter,) = {matters[i] for i in theme.members}
        assert matter in theme.name.lower()


def test_the_same_theme_is_known_again_in_other_letters() -> None:
    """By its words, so that its trend can be told; other themes are not."""
    one, other = find_themes(letters(10)[0]), find_themes(letters(4)[0])
    for theme in one:
        best = max(other, key=lambda o: alike(theme.keys, o.keys))
        assert theme.keys[0] in best.keys
        assert all(alike(theme.keys, o.keys) < 0.3 for o in other if o is not best)


@given(st.lists(st.text(max_size=60), max_size=30))
@settings(max_examples=60, deadline=None)
def test_any_letters_at_all(texts: list[str]) -> None:
    """Nothing is too odd; no letter is in two themes, none is invented, none is smaller than can be looked at."""
    found = find_themes(texts)
    members = [i for theme in found for i in theme.members]
    assert len(members) == len(set(members))
    assert set(members) <= set(range(len(texts)))
    assert all(len(theme.members) >= SMALLEST for theme in found)
    assert find_themes(texts) == found


def test_ahead_of_tf_idf_with_k_means_on_real_letters(corpora: Path) -> None:
    """On accuracy, mutual information and Rand index, though k-means is told how many themes there are."""
    records = load(corpora / "intents" / "dstc11_insurance.jsonl")
    texts, labels = [r["text"] for r in records], [r["intent"] for r in records]
    ours, plain = grouped(texts), k_means(texts, len(set(labels)))
    for measure, baseline in (
        (lambda y, g: accuracy(y, g) / len(y), 0.60),
        (mutual_information, 0.74),
        (rand_index, 0.34),
    ):
        assert measure(labels, ours) > max(measure(labels, plain), baseline)


@pytest.mark.parametrize(
    ("labels", "groups", "expected"),
    [
        ("aabb", "xxyy", (4, 1.0, 1.0)),
        ("aabb", "xyxy", (2, 0.0, -0.5)),
        ("aaab", "xxxx", (3, 0.0, 0.0)),
    ],
)
def test_the_measures_themselves(labels: str, groups: str, expected: tuple[float, float, float]) -> None:
    """Worked by hand."""
    found = (accuracy(labels, groups), mutual_information(labels, groups), rand_index(labels, groups))
    assert found == pytest.approx(expected)
