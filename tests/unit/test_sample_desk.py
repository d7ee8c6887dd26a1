"""The sample desk is whole, consistent with itself, invented throughout, and shows what it is meant to show."""

from __future__ import annotations

import base64
import email
import ipaddress
import json
import re
import tomllib
from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from email.message import EmailMessage
from email.policy import default
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from supportdesk.domain.words import ALWAYS_ESCALATE, Author, FindingKind, TriggerKind
from supportdesk.rules.routing import routing_from
from supportdesk.text import clean, hidden

SAMPLE = Path(str(files("supportdesk").joinpath("sample")))
ARTICLES = {path.stem: path.read_text(encoding="utf-8") for path in sorted((SAMPLE / "articles").glob("*.md"))}
TICKETS: list[dict[str, Any]] = [
    json.loads(line) for line in (SAMPLE / "tickets.jsonl").read_text(encoding="utf-8").splitlines()
]
MAILS = {path.stem: path.read_bytes() for path in sorted((SAMPLE / "mail").glob("*.eml"))}
NOW = datetime.fromisoformat(json.loads((SAMPLE / "about.json").read_text(encoding="utf-8"))["sample_now"])
FAULTS = {f"draft:{kind.value}" for kind in FindingKind}
ODDITIES = {"attachment", "internal_note", "quoted_reply", "several_messages", "hidden_characters"}


def _id(ticket: dict[str, Any]) -> str:
    return str(ticket["id"])


def _words(ticket: dict[str, Any], authors: tuple[str, ...] = ("customer", "agent", "internal")) -> str:
    return "\n".join(m["text"] for m in ticket["messages"] if m["from"] in authors)


def _strings(value: object) -> list[str]:
    """Every string inside a JSON value, file contents left out."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [s for key, part in value.items() if key != "content_base64" for s in _strings(part)]
    return [s for part in value for s in _strings(part)] if isinstance(value, list) else []


def _mail(name: str) -> EmailMessage:
    message = email.message_from_bytes(MAILS[name], policy=default)
    assert isinstance(message, EmailMessage)
    return message


def _everything() -> str:
    mails = [raw.decode("latin-1") for raw in MAILS.values()]
    rest = [path.read_text(encoding="utf-8") for path in (SAMPLE / "README.md", SAMPLE / "settings.toml")]
    return "\n".join([*ARTICLES.values(), *(s for t in TICKETS for s in _strings(t)), *mails, *rest])


def test_the_desk_is_large_enough_to_look_real() -> None:
    """≥ 36 tickets on four channels, ≥ 14 articles, ≥ 8 mails, ≥ 3 languages, no number used twice."""
    assert len(TICKETS) >= 36
    assert len({_id(t) for t in TICKETS}) == len(TICKETS)
    assert {t["channel"] for t in TICKETS} == {"mail", "chat", "form", "feedback"}
    assert len([slug for slug in ARTICLES if "." not in slug]) >= 14
    assert len(MAILS) >= 8
    assert len({s for t in TICKETS for s in t["shows"] if s.startswith("language:")}) >= 3


def test_every_trigger_kind_is_meant_by_some_ticket_and_a_third_is_routine() -> None:
    """The desk shows every reason for review, and that most matters need none."""
    shown = Counter(s for t in TICKETS for s in t["shows"])
    assert {kind.value for kind in TriggerKind} <= shown.keys()
    assert 3 * shown["routine"] >= len(TICKETS)


@pytest.mark.parametrize("ticket", TICKETS, ids=_id)
def test_what_a_ticket_says_it_shows_is_what_it_holds(ticket: dict[str, Any]) -> None:
    """Labels come from the known set, agree with each other and with the ticket."""
    shows, messages = set(ticket["shows"]), ticket["messages"]
    triggers = {kind.value for kind in TriggerKind}
    rest = Counter(s.partition(":")[0] for s in shows - triggers - FAULTS - ODDITIES - {"routine", "draft:good"})
    assert rest == {"language": 1, "article": 1} if "draft:good" in shows else rest == {"language": 1}
    assert ("routine" in shows) <= (not shows & triggers)
    assert ("draft" in ticket) == bool(shows & (FAULTS | {"draft:good"}))
    assert not ("draft:good" in shows and shows & FAULTS)
    assert ("attachment" in shows) == any(m.get("attachments") for m in messages)
    assert ("internal_note" in shows) == any(m["from"] == "internal" for m in messages)
    assert ("quoted_reply" in shows) == any(re.search(r"^> ", m["text"], re.M) for m in messages)
    assert ("several_messages" in shows) == (len(messages) > 2)
    assert ("hidden_characters" in shows) == any(hidden(s) for s in _strings(ticket))


def test_several_threads_are_long_and_mix_all_three_authors() -> None:
    """Somebody reads threads of up to six messages in which customer, agent and colleagues speak."""
    long = [t for t in TICKETS if 3 <= len(t["messages"]) <= 6]
    assert len(long) >= 4
    assert sum({m["from"] for m in t["messages"]} == {a.value for a in Author} for t in long) >= 2


@pytest.mark.parametrize("ticket", TICKETS, ids=_id)
def test_a_ticket_keeps_to_the_import_format(ticket: dict[str, Any]) -> None:
    """Known keys, a customer first, times in order and in the sample's past, attachments that decode."""
    assert ticket.keys() <= {"id", "channel", "subject", "requester", "messages", "records", "tags", "draft", "shows"}
    assert ticket["subject"].strip()
    assert ticket["requester"].keys() == {"email", "name"}
    assert ticket["messages"][0]["from"] == "customer"
    times = [datetime.fromisoformat(m["at"]) for m in ticket["messages"]]
    assert times == sorted(times)
    assert all(NOW - timedelta(days=30) < at < NOW for at in times)
    for message in ticket["messages"]:
        assert message["text"].strip()
        assert message["from"] in {a.value for a in Author}
        for attachment in message.get("attachments", []):
            content = base64.b64decode(attachment["content_base64"], validate=True)
            start = {"image/png": b"\x89PNG\r\n\x1a\n", "text/plain": b""}.get(attachment["media_type"], b"%PDF-")
            if "hidden_characters" in ticket["shows"]:
                start = b"This is a text file"
            assert content.startswith(start)
            assert 20 < len(content) < 20_000


def test_no_message_id_is_used_twice() -> None:
    """Loading tickets and mails into one desk joins only what belongs together."""
    ids = [m["message_id"] for t in TICKETS for m in t["messages"] if "message_id" in m]
    ids += [str(_mail(name)["Message-ID"]).strip("<>") for name in MAILS]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[^\s<>@]+@[^\s<>@]+", i) for i in ids)


def test_enough_drafts_are_wrong_in_every_way_and_enough_are_right() -> None:
    """≥ 14 drafts: ≥ 9 wrong, with every kind of fault among them, and ≥ 5 ready to approve."""
    drafts = [t for t in TICKETS if "draft" in t]
    wrong = [t for t in drafts if FAULTS & set(t["shows"])]
    assert len(drafts) >= 14
    assert len(wrong) >= 9
    assert len(drafts) - len(wrong) >= 5
    assert set().union(*(t["shows"] for t in wrong)) >= FAULTS


@pytest.mark.parametrize("ticket", [t for t in TICKETS if "draft:good" in t["shows"]], ids=_id)
def test_a_good_draft_names_no_number_that_stands_nowhere(ticket: dict[str, Any]) -> None:
    """Every number in a good draft stands in its thread, its records or the article it rests on."""
    article = next(s for s in ticket["shows"] if s.startswith("article:")).removeprefix("article:")
    sources = " ".join([_words(ticket), json.dumps(ticket.get("records", {})), ARTICLES[article]])
    body = re.sub(r"^\d+\. ", "", ticket["draft"], flags=re.M)
    assert set(map(int, re.findall(r"\d+", body))) <= set(map(int, re.findall(r"\d+", sources)))


def test_what_wrong_drafts_get_wrong_really_differs_from_the_sources() -> None:
    """A planted fault is a fault: the words it rests on stand in the draft and the sources say otherwise."""
    ticket = {t["id"]: t for t in TICKETS}
    assert "within 30 days" in ticket["return-after-20-days"]["draft"]
    assert "within 14 days of delivery" in ARTICLES["returns-and-refunds"]
    assert "was delivered yesterday" in ticket["where-is-my-lock"]["draft"]
    assert ticket["where-is-my-lock"]["records"]["order"]["status"] == "packed"
    note = _words(ticket["double-charge"], ("internal",))
    assert "37 other" in note
    assert "37 other" not in _words(ticket["double-charge"], ("customer", "agent"))
    assert "37 other" in ticket["double-charge"]["draft"]
    assert "o.brandt@example.com" in ticket["wrong-invoice"]["draft"]
    assert "o.brandt@example.com" not in _words(ticket["wrong-invoice"])
    assert "https://sync.fernweh.example/repair" not in "".join(ARTICLES.values())
    asked = ("FW-20276", "FB-LC-70233")
    assert all(given in _words(ticket["motor-noise"], ("customer",)) for given in asked)
    assert "send us your order number, the serial number" in ticket["motor-noise"]["draft"]
    assert "costs €39" in ticket["missed-collection"]["draft"]
    assert "collection is free" in _words(ticket["missed-collection"], ("agent",))


def test_the_hostile_ticket_reaches_every_field_and_clean_disarms_it() -> None:
    """Subject, sender, body and attachment name carry sequences; none survives `clean`."""
    hostile = next(t for t in TICKETS if "hidden_characters" in t["shows"])
    name = hostile["messages"][0]["attachments"][0]["name"]
    fields = [hostile["subject"], hostile["requester"]["name"], hostile["messages"][0]["text"], name]
    assert all(hidden(field) for field in fields)
    assert "\x1b]11;?\x1b\\" in hostile["subject"]
    assert "[@click=" in hostile["subject"]
    assert not any(hidden(clean(field)) for field in fields)


def test_files_hold_no_raw_control_or_bidi_character() -> None:
    """Hostile characters are written as JSON escapes, so that looking at the files harms no terminal."""
    for path in (p for p in SAMPLE.rglob("*") if p.suffix in {".md", ".jsonl", ".json", ".toml"}):
        assert hidden(path.read_text(encoding="utf-8")) == (), path.name


@pytest.mark.parametrize("slug", ARTICLES)
def test_an_article_has_a_heading_and_a_page_of_words(slug: str) -> None:
    """The first line is the title; 80 to 250 words follow."""
    title, _, body = ARTICLES[slug].partition("\n")
    assert re.fullmatch(r"# \S.*", title)
    assert 80 <= len(body.split()) <= 250


def test_two_articles_are_also_in_german_and_one_in_french() -> None:
    """Translations have an original and name the same numbers."""
    translated = [slug.split(".") for slug in ARTICLES if "." in slug]
    assert Counter(language for _, language in translated) >= Counter({"de": 2, "fr": 1})
    for slug, language in translated:
        pages = [ARTICLES[slug], ARTICLES[f"{slug}.{language}"]]
        figures, same = ({n.replace(",", ".") for n in re.findall(r"\d+(?:[.,:]\d+)*", page)} for page in pages)
        assert figures == same, slug


@pytest.mark.parametrize("ticket", [t for t in TICKETS if "records" in t], ids=_id)
def test_an_order_adds_up_and_its_prices_are_the_shops(ticket: dict[str, Any]) -> None:
    """Item prices stand in the price list, delivery costs what the article says, and the sum is the total."""
    records = ticket["records"]
    prices = {
        name.split(",")[0].strip(): Decimal(price.replace(",", ""))
        for name, price in re.findall(r"^\| ([^|]+?) \| €([\d,.]+) \|$", ARTICLES["products-and-prices"], re.M)
    }
    for order in [*records.get("orders", []), *([records["order"]] if "order" in records else [])]:
        goods = Decimal(0)
        for item in order["items"]:
            assert Decimal(item["price"].removesuffix(" EUR")) == prices[item["name"]]
            goods += item["qty"] * prices[item["name"]]
        shipping = Decimal(order["shipping"].removesuffix(" EUR"))
        assert shipping == (Decimal("4.90") if goods < 50 else 0)
        assert Decimal(order["total"].removesuffix(" EUR")) == goods + shipping


def test_an_order_number_belongs_to_one_ticket() -> None:
    """No two tickets' records speak of the same order."""
    numbers = [n for t in TICKETS for n in set(re.findall(r"FW-\d{5}", json.dumps(t.get("records", {}))))]
    assert [n for n, times in Counter(numbers).items() if times > 1] == []


def test_languages_are_what_the_labels_say() -> None:
    """Customers' small words are those of the language named."""
    small = {
        "en": "the my is i it to and you of for have what in did",
        "de": "ich die der und nicht mir ist das wie soll ein auf",
        "fr": "je le la les mon est et que des une pas ne",
        "es": "el la los de mi que una en y por no han",
    }
    for ticket in TICKETS:
        language = next(s for s in ticket["shows"] if s.startswith("language:")).removeprefix("language:")
        words = re.findall(r"\w+", _words(ticket, ("customer",)).casefold())
        counts = {name: sum(w in listed.split() for w in words) for name, listed in small.items()}
        best = max(counts, key=lambda name: counts[name])
        assert language not in small or best == language, (ticket["id"], counts)


def test_the_people_have_a_login_a_name_and_a_role() -> None:
    """You sit at the desk as an agent; a lead and an approver are there to ask."""
    settings = tomllib.loads((SAMPLE / "settings.toml").read_text(encoding="utf-8"))
    people = settings["people"]
    assert all(person.keys() == {"login", "name", "role"} for person in people)
    roles = {person["login"]: person["role"] for person in people}
    assert roles["you"] == "agent"
    assert {"lead", "approver"} <= set(roles.values())
    assert len(roles) == len(people)
    staff = {m["name"] for t in TICKETS for m in t["messages"] if m["from"] != "customer"}
    assert staff <= {person["name"] for person in people}


def test_whoever_decides_an_escalation_sits_at_the_desk() -> None:
    """The sample's routing is accepted, and every trigger that must escalate names two different people."""
    settings = tomllib.loads((SAMPLE / "settings.toml").read_text(encoding="utf-8"))
    routing = routing_from(settings["routing"])
    logins = {person["login"] for person in settings["people"]}
    owners = {rule.trigger: (rule.owner, rule.backup) for rule in reversed(routing.rules) if rule.owner}
    assert owners.keys() >= ALWAYS_ESCALATE
    assert all(set(pair) <= logins and len(set(pair)) == 2 for pair in owners.values())
    places = [(queue.owner, queue.backup) for queue in routing.queues.values() if queue.owner]
    assert all(set(pair) <= logins for pair in places)


@pytest.mark.parametrize("name", MAILS)
def test_a_mail_is_rfc_5322_with_crlf_lines_from_the_samples_past(name: str) -> None:
    """Each has the fields a mail must have, ends its lines as the standard says, and shows no parser defect."""
    raw, message = MAILS[name], _mail(name)
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert all(message[field] for field in ("From", "To", "Subject", "Message-ID", "MIME-Version"))
    assert message["Date"].datetime < NOW
    assert not [defect for part in message.walk() for defect in part.defects]


def test_mails_hold_the_oddities_real_ones_have() -> None:
    """A thread, HTML alone, latin-1, a wrong charset, attachments, auto-reply, list, bounce, forward, invite."""
    thread = [_mail(name) for name in MAILS if "saddle" in name]
    assert len(thread) == 3
    for earlier, later in pairwise(thread):
        assert later["In-Reply-To"] == earlier["Message-ID"]
        assert earlier["Message-ID"] in later["References"]
    single = {name: _mail(name) for name in MAILS if not _mail(name).is_multipart()}
    assert any(m.get_content_type() == "text/html" for m in single.values())
    assert any(m.get_content_charset() == "iso-8859-1" and not MAILS[n].isascii() for n, m in single.items())
    assert any(m.get_content_charset() == "us-ascii" and not MAILS[n].isascii() for n, m in single.items())
    assert any(len(list(_mail(n).iter_attachments())) > 1 for n in MAILS if n not in single)
    assert any(_mail(n)["Auto-Submitted"] == "auto-replied" for n in single)
    assert any(_mail(n)["List-Id"] for n in MAILS)
    kinds = {part.get_content_type() for n in MAILS for part in _mail(n).walk()}
    assert {"message/rfc822", "message/delivery-status", "text/calendar", "application/pdf", "image/png"} <= kinds


def test_no_real_domain_and_no_real_host_is_named() -> None:
    """Every address and link ends in a name kept for examples; numbers of hosts in a block kept for documents."""
    text = _everything()
    hosts = re.findall(r"(?:@|https?://)([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)", text)
    assert len(hosts) > 100
    assert {h for h in hosts if not re.fullmatch(r"(.+\.)?(example|example\.(com|org|net))", h, re.I)} == set()
    documents = ipaddress.ip_network("192.0.2.0/24")
    found = re.findall(r"\b\d{1,3}(?:\.\d{1,3}){3}\b", text)
    assert all(ipaddress.ip_address(a) in documents for a in found)


def test_phone_card_and_account_numbers_are_fictional() -> None:
    """Phones lie in the ranges kept for drama; cards and accounts are published test numbers."""
    text = _everything()
    phones = re.findall(r"\+\d[\d ()-]{6,}\d", text)
    assert phones
    assert {p for p in phones if not re.fullmatch(r"\+44 7700 900\d{3}|\+1 555-01\d\d", p)} == set()
    ibans = {re.sub(r"\s", "", i) for i in re.findall(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?\d{1,4})?\b", text)}
    assert ibans == {"DE89370400440532013000", "GB82WEST12345698765432"}
    long = {re.sub(r"\D", "", n) for n in re.findall(r"(?<![\w-])(?:\d[ -]?){12,18}\d(?![\w-])", text)}
    assert {n for n in long if _luhn(n)} <= {"4242424242424242", "5555555555554444"}


def _luhn(digits: str) -> bool:
    doubled = [int(d) * (1 + i % 2) for i, d in enumerate(reversed(digits))]
    return sum(d - 9 if d > 9 else d for d in doubled) % 10 == 0


def test_nothing_looks_like_a_secret() -> None:
    """No key, token or password stands anywhere, for scanners and people to stumble over."""
    shapes = (
        r"(?i)BEGIN [A-Z ]*PRIVATE KEY|\bsk-\w{8}|\bAKIA\w{12}|api[_-]?key|bearer \w|password ?[:=] ?\S|\beyJ\w{10}"
    )
    assert re.findall(shapes, _everything()) == []
