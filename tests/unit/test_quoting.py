"""Folding: whose words stand where in a mail."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supportdesk.rules.quoting import PartKind, own_text, parts, trimmed

ATTRIBUTIONS = {
    "en": "On Fri, May 3, 2024 at 10:15 AM Ann Lee <ann@example.org> wrote:",
    "en, broken": "On Friday, May 3rd, 2024 at 10:15, Ann Lee <\nann@example.org> wrote:",
    "en, no address": "On 3 May 2024, at 10:15, Ann Lee wrote:",
    "de": "Am Fr., 3. Mai 2024 um 10:15 Uhr schrieb Ann Lee <ann@example.org>:",
    "de, verb last": "Ann Lee <ann@example.org> schrieb am Fr., 3. Mai 2024,\n10:15:",
    "fr": "Le ven. 3 mai 2024 à 10:15, Ann Lee <ann@example.org> a écrit :",
    "es": "El vie, 3 may 2024 a las 10:15, Ann Lee (<ann@example.org>) escribió:",
    "pt": "Em sex., 3 de mai. de 2024 às 10:15, Ann Lee <ann@example.org>\nescreveu:",
    "nl": "Op vr 3 mei 2024 om 10:15 schreef Ann Lee <ann@example.org>:",
    "it": "Il giorno ven 3 mag 2024 alle ore 10:15 Ann Lee <ann@example.org> ha scritto:",
    "pl": "pt., 3 maj 2024 o 10:15 Ann Lee <ann@example.org> napisał(a):",
    "sv": "Den fre 3 maj 2024 kl 10:15 skrev Ann Lee <ann@example.org>:",
    "no": "fre. 3. mai 2024 kl. 10:15 skrev Ann Lee <ann@example.org>:",
    "da": "Den fre. 3. maj 2024 kl. 10.15 skrev Ann Lee <ann@example.org>:",
    "fi": "pe 3. toukok. 2024 klo 10.15 Ann Lee (ann@example.org) kirjoitti:",
    "cs": "pá 3. 5. 2024 v 10:15 odesílatel Ann Lee <ann@example.org> napsal:",
    "ru": "пт, 3 мая 2024 г. в 10:15, Ann Lee <ann@example.org>:",
    "uk": "пт, 3 трав. 2024 р. о 10:15 Ann Lee <ann@example.org> пише:",
    "zh": "Ann Lee <ann@example.org> 于2024年5月3日周五 10:15写道：",
    "ja": "2024年5月3日(金) 10:15 Ann Lee <ann@example.org>:",
    "ko": "2024년 5월 3일 (금) 오전 10:15, Ann Lee <ann@example.org>님이 작성:",
    "tr": "Ann Lee <ann@example.org>, 3 May 2024 Cum, 10:15 tarihinde şunu yazdı:",
}

HEADERS = {
    "en": "From: Ann Lee <ann@example.org>\nSent: Friday, May 3, 2024 10:15 AM\nTo: Bo\nSubject: Order",
    "de": "Von: Ann Lee <ann@example.org>\nGesendet: Freitag, 3. Mai 2024 10:15\nAn: Bo\nBetreff: Auftrag",
    "de, date first": "Gesendet: Freitag, 03. Mai 2024 um 10:15 Uhr\nVon: Ann Lee\nAn: Bo\nBetreff: Auftrag",
    "fr": "De : Ann Lee <ann@example.org>\nEnvoyé : vendredi 3 mai 2024 10:15\nÀ : Bo\nObjet : Commande",
    "es": "De: Ann Lee <ann@example.org>\nEnviado: viernes, 3 de mayo de 2024 10:15\nPara: Bo\nAsunto: Pedido",
    "pt": "De: Ann Lee <ann@example.org>\nEnviada em: sexta-feira, 3 de maio de 2024\nPara: Bo\nAssunto: Pedido",
    "nl": "Van: Ann Lee <ann@example.org>\nVerzonden: vrijdag 3 mei 2024 10:15\nAan: Bo\nOnderwerp: Bestelling",
    "it": "Da: Ann Lee <ann@example.org>\nInviato: venerdì 3 maggio 2024 10:15\nA: Bo\nOggetto: Ordine",
    "pl": "Od: Ann Lee <ann@example.org>\nWysłano: piątek, 3 maja 2024 10:15\nDo: Bo\nTemat: Zamówienie",
    "sv": "Från: Ann Lee <ann@example.org>\nSkickat: den 3 maj 2024 10:15\nTill: Bo\nÄmne: Order",
    "ru": "От: Ann Lee <ann@example.org>\nОтправлено: 3 мая 2024 г. 10:15\nКому: Bo\nТема: Заказ",
    "zh": "发件人: Ann Lee <ann@example.org>\n发送时间: 2024年5月3日 10:15\n收件人: Bo\n主题: 订单",
    "ja": "差出人: Ann Lee <ann@example.org>\n送信日時: 2024年5月3日 10:15\n宛先: Bo\n件名: 注文",
}

DEVICES = [
    "Sent from my iPhone",
    "Sent from Outlook for Android<https://aka.ms/x>",
    "Von meinem iPhone gesendet",
    "Gesendet mit der GMX Mail App",
    "Envoyé de mon iPhone",
    "Enviado desde mi Samsung Galaxy",
    "Enviado do meu iPhone",
    "Inviato da iPhone",
    "Verstuurd vanaf mijn iPad",
    "Wysłane z mojego telefonu",
    "Skickat från min iPhone",
    "Sendt fra min iPhone",
    "Отправлено с iPhone",
    "从我的 iPhone 发送",
    "iPhoneから送信",
]

NOT_OURS_TO_FOLD = [
    "Von meinem Konto wurden 49 Euro zu viel abgebucht.",
    "Sent from your warehouse on Monday, still not here.",
    "From my iPhone I cannot log in at all, what now?",
    "Your mail contains confidential information about another customer!",
    "Wir sehen uns vor dem Amtsgericht, wenn Sie nicht zahlen.",
    "I dispute this unauthorised use of my card.",
    "Bestellung vom 3.5.2024, 10:15 Uhr:\nzwei Kartons fehlen.",
    "From: Berlin\nTo: Hamburg\nDate: 3 May\nTwo seats please.",
    "On 3 May 2024 I wrote:\nplease cancel my order.\nNothing happened.",
    "Please fix these:\n-\nthe login\n*\nthe invoice",
    "First part.\n\n__________\n\nSecond part, please read it too.",
    "Settings > Account > Billing shows nothing.",
]


def text_of(text: str, kind: PartKind) -> str:
    return "".join(text[p.start : p.end] for p in parts(text) if p.kind is kind)


@pytest.mark.parametrize("quoted", [True, False], ids=["marked", "unmarked"])
@pytest.mark.parametrize("language", ATTRIBUTIONS)
def test_a_reply_above_an_attribution_is_kept_and_the_quote_folded(language: str, quoted: bool) -> None:
    """A top-posted reply is told from what it answers in every language, with or without quote marks."""
    old = "> The old words\n> go here." if quoted else "The old words\ngo here."
    mail = f"My answer is yes.\n\n{ATTRIBUTIONS[language]}\n\n{old}\n"
    assert own_text(mail).split() == ["My", "answer", "is", "yes."]
    assert trimmed(mail) == "My answer is yes."


@pytest.mark.parametrize("language", HEADERS)
def test_a_header_block_folds_what_follows(language: str) -> None:
    """Programs that quote without marks put a block of headers above; it and all below is a quote."""
    mail = f"My answer is yes.\n\n{HEADERS[language]}\n\nThe old words.\n"
    assert own_text(mail).split() == ["My", "answer", "is", "yes."]
    assert "The old words." in text_of(mail, PartKind.QUOTE)


@pytest.mark.parametrize("language", HEADERS)
def test_a_forwarded_mail_without_a_word_of_ones_own_is_still_read(language: str) -> None:
    """A mail that only forwards another must not look empty: the forwarded words are all there is."""
    mail = f"---------- Forwarded message ---------\n{HEADERS[language]}\n\nPlease refund me.\n"
    assert own_text(mail).split() == ["Please", "refund", "me."]
    assert "Ann Lee" in text_of(mail, PartKind.FORWARD)


@pytest.mark.parametrize("line", DEVICES)
def test_what_a_phone_adds_is_a_signature(line: str) -> None:
    """Nobody wrote 'Sent from my iPhone'."""
    mail = f"Bitte melden Sie sich.\n\n{line}\n"
    assert own_text(mail).strip() == "Bitte melden Sie sich."
    assert text_of(mail, PartKind.SIGNATURE).strip() == line


@pytest.mark.parametrize("words", NOT_OURS_TO_FOLD)
def test_a_persons_own_words_are_never_folded(words: str) -> None:
    """What looks like a signature, footer or header but is what the customer says stays readable for triggers."""
    mail = f"Hello,\n\n{words}\n"
    assert own_text(mail) == mail


def test_inline_answers_stay_between_the_quotes_they_answer() -> None:
    """In an inline reply the quotes are not the writer's words, but reading needs them."""
    mail = "Hi,\n\nOn 3 May 2024, at 10:15, Ann <a@b.org> wrote:\n> Red?\nYes.\n> Big?\nNo.\n\n-- \nBo\n"
    assert own_text(mail).split() == ["Hi,", "Yes.", "No."]
    assert trimmed(mail) == "Hi,\n\n> Red?\nYes.\n> Big?\nNo."


def test_a_signature_below_two_dashes_is_folded() -> None:
    """The customary signature separator."""
    mail = "Please call me.\n-- \nBo Ek\nHead of Rope\n+46 8 123 456\n"
    assert [p.kind for p in parts(mail)] == [PartKind.OWN, PartKind.SIGNATURE]
    assert own_text(mail).strip() == "Please call me."


def test_contact_lines_below_a_closing_are_a_signature_but_the_name_is_not() -> None:
    """The closing and the name are part of the letter; the telephone numbers below are not."""
    mail = "Please call me.\n\nBest regards,\nBo Ek\nHead of Rope\nTel. +46 8 123 456\nwww.rope.example\n"
    assert own_text(mail).strip() == "Please call me.\n\nBest regards,\nBo Ek"


def test_a_legal_notice_is_a_footer() -> None:
    """A disclaimer's 'privileged' and 'prohibited' must not raise flags."""
    mail = (
        "Please call me.\n\nThis e-mail and any attachments are confidential. If you are not the intended\n"
        "recipient, any disclosure is prohibited and may be unlawful.\n"
    )
    assert own_text(mail).strip() == "Please call me."
    assert [p.kind for p in parts(mail)] == [PartKind.OWN, PartKind.FOOTER]


def test_a_companys_particulars_are_a_footer() -> None:
    """Three marks of an imprint in one paragraph."""
    mail = "Bitte um Rückruf.\n\nSeil, Sitz der Gesellschaft: Bonn\nAmtsgericht Bonn, HRB 1\nGeschäftsführer: Ek\n"
    assert own_text(mail).strip() == "Bitte um Rückruf."


def test_code_between_fences_is_left_alone() -> None:
    """A rule or quote mark inside a code block is code."""
    mail = "It prints:\n\n```\n> error\n--\n####\n```\n\nWhy?\n"
    assert own_text(mail) == mail


def test_windows_line_ends_keep_their_offsets() -> None:
    """Offsets point into the text as it came."""
    mail = "Yes.\r\n\r\nOn 3 May 2024, at 10:15, Ann <a@b.org> wrote:\r\n> Red?\r\n"
    assert len(own_text(mail)) == len(mail)
    assert own_text(mail).count("\n") == mail.count("\n")
    assert trimmed(mail) == "Yes."


_lines = st.sampled_from(
    [
        *ATTRIBUTIONS.values(),
        *HEADERS.values(),
        *DEVICES,
        "",
        "> q",
        ">> q",
        "own words",
        "-- ",
        "___",
        "```",
        "\r",
        "From: x",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(_lines | st.text(max_size=40), max_size=30).map("\n".join))
def test_parts_cover_any_text_without_gaps(text: str) -> None:
    """Whatever comes in: no gap, no overlap, same length, no invented character."""
    found = parts(text)
    assert [p.start for p in found] == [0, *[p.end for p in found[:-1]]][: len(found)]
    assert (found[-1].end if found else 0) == len(text)
    own = own_text(text)
    assert len(own) == len(text)
    assert all(a == b or a == " " for a, b in zip(own, text, strict=True))


@pytest.mark.parametrize(
    "line",
    ["On 2024 10:00 a@b.c wrote:", ":", "> a", "From: x", "2024-05-05", "--", "a@b.c", "> wrote:", "```", ">" * 99],
)
def test_looking_at_a_megabyte_takes_about_twice_as_many_steps_as_at_half(line: str) -> None:
    """No text makes folding more than linear: steps are counted, not seconds."""

    def steps(lines: int) -> int:
        counted = 0

        def count(frame: object, event: str, arg: object) -> None:
            nonlocal counted
            counted += 1

        sys.setprofile(count)
        try:
            parts(f"{line}\n" * lines)
        finally:
            sys.setprofile(None)
        return counted

    parts("warm")
    assert steps(4000) <= 2.5 * steps(2000) + 2000


def _corpus() -> Path | None:
    named = os.environ.get("SUPPORTDESK_CORPORA")
    roots = [Path(named)] if named else [p / "shared" / "corpora" for p in Path(__file__).resolve().parents]
    return next((r / "email/reply_trimmer" for r in roots if (r / "email/reply_trimmer").is_dir()), None)


@pytest.mark.skipif(_corpus() is None, reason="the mail corpus is not here")
def test_most_of_the_trimmer_corpus_is_folded_as_its_authors_expect() -> None:
    """At least 58 of the 64 mails match their expected text, white space folded."""
    root = _corpus()
    assert root is not None
    mails = sorted((root / "emails").iterdir())
    missed = [
        f.name
        for f in mails
        if trimmed(f.read_bytes().decode()).split() != (root / "trimmed" / f.name).read_bytes().decode().split()
    ]
    assert len(mails) == 64
    assert len(missed) <= 6, missed
