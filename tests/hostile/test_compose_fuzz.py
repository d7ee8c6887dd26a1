"""A reply to a hostile mail carries nothing of the attacker's."""

from __future__ import annotations

from torture.compose import run


def test_no_hostile_mail_adds_a_header_or_a_recipient() -> None:
    """Whatever stands in subject, names, ids and texts, only approved headers and recipients leave."""
    assert run(200).startswith("200 ")
