"""What is planted in a simulated quarter, and the letters it is hidden among."""

from __future__ import annotations

import random
from dataclasses import dataclass

THEMES = (
    (
        "battery",
        0.09,
        (
            "Since the firmware update my {thing} battery does not charge any more. {ask}",
            "The battery of my {thing} stopped charging after the firmware update. {ask}",
            "After the last firmware update the {thing} will not charge its battery. {ask}",
        ),
    ),
    (
        "warranty",
        0.06,
        (
            "Where do I find the warranty certificate for my {thing}? {ask}",
            "I need the warranty certificate of the {thing} and cannot find it. {ask}",
            "Please tell me where the warranty certificate for the {thing} is kept. {ask}",
        ),
    ),
    (
        "playlist",
        0.04,
        (
            "My shared playlist on the {thing} is not visible to family members. {ask}",
            "Family members cannot see the shared playlist of our {thing}. {ask}",
            "How can family members open the shared playlist on the {thing}? {ask}",
        ),
    ),
)
"""Name, share of all letters, and how people write it; the largest first."""

ROUTES = (
    ("engraving", 0.025, "Could you engrave two lines of text on the {thing}? {ask}", "billing"),
    ("tour", 0.015, "Our scout group wishes for a guided tour of your workshop, with the {thing}. {ask}", "technical"),
)
"""Letters that triage sends somewhere and reviewers send on: name, share, words, and the queue they belong in."""

THINGS = (
    "lamp",
    "kettle",
    "speaker",
    "drone",
    "printer",
    "watch",
    "camera",
    "scale",
    "fan",
    "radio",
    "tent",
    "scooter",
)
ASKS = ("What can I do?", "Thank you for your help.", "I would be glad of an answer.", "Many thanks.", "Please advise.")
_MATTERS = (
    "Does the {thing} come in yellow?",
    "How heavy is the {thing} without packaging?",
    "Which size of screws holds the {thing} to a wall?",
    "Can the {thing} stand in the rain?",
    "Do you have a museum of old models such as the {thing}?",
    "Is the {thing} made of oak or of beech?",
    "May children of six use the {thing}?",
    "Who designed the {thing}?",
    "Does a dishwasher harm the {thing}?",
    "Is there a poster showing the {thing}?",
    "How loud is the {thing} at night?",
    "Do left-handed people get along with the {thing}?",
    "Would the {thing} fit into a rucksack?",
    "Can I paint the {thing} myself?",
    "Is the {thing} suitable for a boat?",
    "Which languages does the leaflet of the {thing} have?",
    "Do vegans like the glue in the {thing}?",
    "Does the {thing} attract dust?",
    "Has the {thing} won a prize?",
    "Can two of the {thing} be stacked?",
    "Is the smell of a fresh {thing} normal?",
    "Does the {thing} scratch parquet?",
    "How many steps does assembling the {thing} take?",
    "Do you recommend gloves for the {thing}?",
    "Which wood oil suits the {thing}?",
    "Could the {thing} be hung from a ceiling?",
    "Is the {thing} seen in the film about whales?",
    "May I photograph the {thing} for a school newspaper?",
    "Does the {thing} need a licence in Denmark?",
    "Is there a choir song about the {thing}?",
    "Would a {thing} survive the desert?",
    "Are spare knobs of the {thing} round or square?",
    "Which birds decorate the {thing}?",
    "How do astronauts clean a {thing}?",
    "Will the {thing} float on water?",
    "Is velvet available as lining of the {thing}?",
    "Do bees mind the colour of the {thing}?",
    "What is the shortest name ever given to a {thing}?",
    "Can the {thing} be knitted around?",
    "Which poem is printed under the {thing}?",
)
"""Small matters, each with words of its own; none is as common as what is planted."""


@dataclass(frozen=True)
class Letter:
    """A customer's letter and what was planted in it."""

    words: str
    """What it says."""
    theme: str = ""
    """Which theme."""
    target: str = ""
    """The queue it belongs in, where triage does not know."""
    route: str = ""
    """Which wrong route."""


def letter(chance: random.Random) -> Letter:
    """The next letter: a planted one as often as its share says, else one of many small matters."""
    thing, ask = chance.choice(THINGS), chance.choice(ASKS)
    draw = chance.random()
    for name, share, ways in THEMES:
        if draw < share:
            return Letter(chance.choice(ways).format(thing=thing, ask=ask), theme=name)
        draw -= share
    for name, share, words, target in ROUTES:
        if draw < share:
            return Letter(words.format(thing=thing, ask=ask), target=target, route=name)
        draw -= share
    return Letter(f"{chance.choice(_MATTERS).format(thing=thing)} {ask}")


@dataclass(frozen=True)
class Reviewer:
    """How one person reviews."""

    login: str
    """Who."""
    words_a_minute: int
    """How fast they read."""
    edits: float
    """How often they rewrite."""
    opens: float
    """How often they open a source."""
    burst: bool = False
    """Whether they answer the checklist at once."""


def reviewers(chance: random.Random, people: int) -> tuple[Reviewer, ...]:
    """So many people; one is far too fast, and says yes to everything at once."""
    others = [
        Reviewer(f"person{n:02}", chance.randrange(140, 320), chance.uniform(0.15, 0.5), chance.uniform(0.5, 0.95))
        for n in range(1, people)
    ]
    return (*others, Reviewer("person12", 4000, 0.0, 0.0, burst=True))
