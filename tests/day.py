"""A day at the desk: tickets worked with the keyboard only, through the installed console script in a terminal."""

from __future__ import annotations

import json
import re
import statistics
import time
from dataclasses import dataclass, field
from pathlib import Path

from terminal import Terminal, terminal

from supportdesk.bootstrap import open_desk
from supportdesk.channels.sources import open_source
from supportdesk.domain.people import Person
from supportdesk.services.knowledge import article_from
from supportdesk.settings import Settings

ARTICLES = {
    "opening-hours": "# Opening hours\n\nOur shop in Bremen is open on Saturdays from 10:00 to 16:00.\n",
    "delivery": "# Delivery times\n\nA parcel to Austria takes 4 to 6 working days.\n",
    "warranty": "# Warranty\n\nThe warranty on a frame is 5 years.\n",
    "lights": "# Lights\n\nThe Lumen lamp is charged with a USB-C cable.\n",
    "vouchers": "# Vouchers\n\nA voucher is valid for 3 years from the day it was bought.\n",
}
QUESTIONS = (
    ("Opening hours", "Hello,\n\nwhen is your shop in Bremen open on Saturdays?\n\n{name}"),
    ("Delivery", "Hi,\n\nhow long does a parcel to Austria take?\n\nThanks, {name}"),
    ("Warranty", "Good morning,\n\nhow long is the warranty on a frame?\n\n{name}"),
    ("Lamp", "Hello,\n\nwhich cable is the Lumen lamp charged with?\n\n{name}"),
    ("Voucher", "Hi there,\n\nhow long is a voucher valid?\n\nBest, {name}"),
)
OTHERS = (
    ("Charged twice", "I was charged twice for order 88213 and I want my money back. This is a disgrace.\n\n{name}"),
    ("Lawyer", "If you do not answer by Friday I will hand this to my lawyer.\n\n{name}"),
    ("Cancel", "Please cancel my subscription.\n\n{name}"),
)
NAMES = ("Anna", "Bo", "Chloe", "Dan", "Eva", "Finn", "Gina", "Hugo", "Ida", "Jon", "Kim", "Lena", "Max")
MOST_KEYS = 12
"""Keys a routine approval may take."""


@dataclass
class Day:
    """What came of it."""

    size: tuple[int, int]
    """Columns and rows."""
    routine: list[int] = field(default_factory=list)
    """Keys of each routine approval."""
    others: list[int] = field(default_factory=list)
    """Keys of each other decision."""
    seconds: float = 0.0
    """How long all of it took, the machine's noise included."""

    def __str__(self) -> str:
        keys = f"median {statistics.median(self.routine):.0f}, most {max(self.routine)}" if self.routine else "none"
        other = f"median {statistics.median(self.others):.0f}, most {max(self.others)}" if self.others else "none"
        return (
            f"{self.size[0]}x{self.size[1]}: {len(self.routine) + len(self.others)} tickets in {self.seconds:.0f} s; "
            f"keys per routine approval ({len(self.routine)}): {keys}; per other decision ({len(self.others)}): {other}"
        )


def letters(number: int) -> list[dict[str, object]]:
    """So many tickets, three of four of them routine, each of another person."""
    found = []
    for n in range(number):
        name = f"{NAMES[n % len(NAMES)]} Number{n}"
        subject, text = OTHERS[n // 4 % len(OTHERS)] if n % 4 == 3 else QUESTIONS[n % len(QUESTIONS)]
        email = f"person{n}@example.com"
        message = {"from": "customer", "name": name, "email": email, "text": text.format(name=name.split()[0])}
        found.append(
            {
                "id": f"t{n}",
                "channel": "mail",
                "subject": f"{subject} {n}",
                "requester": {"name": name, "email": email},
                "messages": [message | {"at": f"2026-03-12T08:{n % 60:02}:00+00:00"}],
            }
        )
    return found


def make_desk(folder: Path, number: int) -> Path:
    """A store with so many tickets, prepared; `me` sits at it."""
    file = folder / "desk.db"
    desk = open_desk(file, Settings(), login="lea")
    desk.staff.put("lea", Person("me", "Me", "agent"))
    desk.knowledge.put_all([article_from(slug, text) for slug, text in ARTICLES.items()], "lea")
    lines = folder / "letters.jsonl"
    lines.write_text("\n".join(json.dumps(letter) for letter in letters(number)), encoding="utf-8")
    with open_source(lines) as source:
        desk.intake.take(source)
    for _ in desk.preparing.run():
        pass
    desk.close()
    return file


def work(folder: Path, size: tuple[int, int], number: int) -> Day:
    """Work so many tickets, most pressing first, at a terminal of this size."""
    file = make_desk(folder, number)
    day = Day(size)
    with terminal("--store", str(file), size=size, SUPPORTDESK_LOGIN="me") as seat:
        seat.until("waiting for us")
        seat.press("/")
        seat.type("status:new")
        seat.until(f"{number} tickets new")
        seat.press("enter")
        seat.settle(still=0.5)
        began = time.monotonic()
        for _ in range(number):
            before = seat.pressed
            seat.press("enter")
            seat.until("taken by you")
            routine = bool(re.search(r"(^|\n) ?routine ", seat.text))
            (_approve if routine else _refuse)(seat)
            (day.routine if routine else day.others).append(seat.pressed - before)
        day.seconds = time.monotonic() - began
        assert seat.leave() == 0
    return day


def _approve(seat: Terminal) -> None:
    """Read to the end, confirm each item, approve, and say yes to what it will do."""
    _read(seat)
    seat.press("c")
    for _ in range(6):
        if _confirmed(seat):
            break
        before = _checks(seat)
        seat.press("ctrl+y")
        ends = time.monotonic() + 5
        while _checks(seat) == before and time.monotonic() < ends:
            seat.settle(still=0.1)
        seat.settle(still=0.2)
    seat.press("ctrl+s")
    seat.until("Sends to")
    seat.settle(still=0.4)
    seat.press("ctrl+s")
    seat.until("Approved: leaves for")


def _checks(seat: Terminal) -> str:
    """What the checklist says of its items, as far as this size shows them."""
    return "".join(re.findall(r"[✔✖·] (?:Thread|Facts|Commitments|Tone|Privacy)|Checks \d+/\d+", seat.text))


def _refuse(seat: Terminal) -> None:
    """Escalate what is flagged: the decision expected, who decides, who stands in."""
    _read(seat)
    seat.press("f5")
    seat.until("The decision you expect")
    seat.settle(still=0.4)
    for words in ("", "", "may we?", "lea", "me", ""):
        seat.type(words)
        seat.settle(still=0.3)
        seat.press("enter")
        seat.settle(still=0.3)
    seat.until("Escalated to lea")


def _read(seat: Terminal) -> None:
    for _ in range(20):
        seen = re.search(r"Thread (\d+)(?:/| of )(\d+)", seat.folded)
        if seen is not None and seen[1] == seen[2]:
            return
        seat.press("space")
        seat.settle(still=0.2)
    raise AssertionError(f"the thread was never read:\n{seat.text}")


def _confirmed(seat: Terminal) -> bool:
    seen = re.search(r"Checks (\d+)/(\d+)", seat.folded)
    return "all confirmed" in seat.folded or (seen is not None and seen[1] == seen[2])


def run(folder: Path, number: int = 50) -> str:
    """The whole day, at both sizes; one line each."""
    lines = []
    for size in ((80, 24), (160, 45)):
        place = folder / f"day{size[0]}"
        place.mkdir()
        day = work(place, size, number)
        assert max(day.routine) <= MOST_KEYS, str(day)
        lines.append(str(day))
    return "\n     ".join(lines)
