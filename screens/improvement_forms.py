"""The next step with a theme or an article, as a form that says what it will do."""

from __future__ import annotations

from collections.abc import Callable

from screens.forms import Field, Form, Values
from screens.improvement_points import LOOKS
from supportdesk.domain.article import ArticleState, ArticleVersion
from supportdesk.domain.theme import Cause, KnownTheme, ThemeState
from supportdesk.services.desk import Desk
from widgets.paint import one_line

Asked = tuple[Form, Callable[[Values], Callable[[Desk], str]]]
"""A form, and what to do with its values."""


def theme_form(theme: KnownTheme, login: str) -> Asked | None:
    """Confirm or reject what is proposed; mend what is confirmed; close what helped."""
    if theme.state is ThemeState.PROPOSED:
        return _judge(theme, login)
    if theme.state is ThemeState.CONFIRMED:
        return _mend(theme, login)
    if theme.state is ThemeState.MENDED:
        return _close(theme, login)
    return None


def _judge(theme: KnownTheme, login: str) -> Asked:
    left = LOOKS - theme.looked_at_by(login)

    def confirms(values: Values) -> bool:
        return values["what"] == "confirm"

    def wants(values: Values) -> str:
        if left > 0:
            return f"Look at {left} more of its examples first: Enter on each, in the pane beside the list."
        if confirms(values) and not values["owner"].strip():
            return "Still to say: who sees to it."
        if not confirms(values) and not values["note"].strip():
            return "Still to say: why it is no pattern."
        return ""

    def will(values: Values) -> str:
        if confirms(values):
            path = Cause(values["cause"]).path
            return f"{one_line(values['owner'])} sees to it: a better {path}. Its effect is measured afterwards."
        return "It is not proposed again unless it doubles."

    def act(values: Values) -> Callable[[Desk], str]:
        if not confirms(values):
            return lambda desk: f"Rejected: “{desk.themes.reject(theme.id, login, values['note']).name}”."

        def confirm(desk: Desk) -> str:
            done = desk.themes.confirm(
                theme.id,
                login,
                values["owner"].strip(),
                cause=values["cause"],
                name=values["name"].strip(),
                note=values["note"].strip(),
            )
            return f"Confirmed: “{done.name}” is {done.owner}'s."

        return confirm

    form = Form(
        title=f"Is “{one_line(theme.name)}” a pattern?",
        button="Decide",
        fields=(
            Field("what", "Your judgement", (("confirm", "yes, it is one"), ("reject", "no"))),
            Field("name", "What to call it", value=theme.name, when=confirms),
            Field("cause", "Why", tuple((c.value, c.words) for c in Cause), value=theme.cause.value, when=confirms),
            Field("owner", "Who sees to it", hint="login or role", when=confirms),
            Field("note", "In words", hint="optional when you confirm"),
        ),
        will=will,
        wants=wants,
    )
    return form, act


def _mend(theme: KnownTheme, login: str) -> Asked:
    def drafts(values: Values) -> bool:
        return values["what"] == "draft"

    def act(values: Values) -> Callable[[Desk], str]:
        if drafts(values):

            def draft(desk: Desk) -> str:
                made = desk.articles.draft(theme.id, login)
                return f"“{made.article.title}” is drafted, marked as the assistant's; somebody reviews it next."

            return draft
        note = values["note"].strip()
        return lambda desk: f"“{desk.themes.mended(theme.id, login, note).name}” is mended; its effect is measured."

    form = Form(
        title=f"Mend “{one_line(theme.name)}”",
        button="Do it",
        fields=(
            Field(
                "what",
                "What was or will be done",
                (("draft", "draft an article from what people answered"), ("mended", "it is mended another way")),
            ),
            Field("note", "What was changed", when=lambda v: not drafts(v)),
        ),
        will=lambda v: (
            "A draft for the knowledge base; nothing is published." if drafts(v) else "It counts from now on."
        ),
        wants=lambda v: "" if drafts(v) or v["note"].strip() else "Still to say: what was changed.",
    )
    return form, act


def _close(theme: KnownTheme, login: str) -> Asked:
    form = Form(
        title=f"Be done with “{one_line(theme.name)}”",
        button="Close it",
        fields=(Field("note", "In words", hint="optional"),),
        will=lambda _: "It leaves the list; the register keeps it.",
    )
    return form, lambda v: lambda desk: f"Closed: “{desk.themes.close(theme.id, login, v['note']).name}”."


def article_form(made: ArticleVersion, login: str) -> Asked:
    """Hold a draft against its sources, publish what was reviewed, or withdraw it."""
    slug, version = made.article.slug, made.article.version
    reviewed = made.state is ArticleState.REVIEWED
    forward = ("publish", "publish it") if reviewed else ("review", "I held it against its sources: it is right")

    def withdraws(values: Values) -> bool:
        return values["what"] == "withdraw"

    def act(values: Values) -> Callable[[Desk], str]:
        note = values["note"].strip()

        def do(desk: Desk) -> str:
            if withdraws(values):
                desk.articles.withdraw(slug, login, note)
                return f"“{made.article.title}” was withdrawn; what is published stays."
            if reviewed:
                desk.articles.publish(slug, version, login)
                return f"“{made.article.title}” is in the knowledge base; drafts may rest on it from now on."
            desk.articles.review(slug, version, login, note)
            return f"“{made.article.title}” is reviewed; its owner publishes it."

        return do

    def will(values: Values) -> str:
        if withdraws(values):
            return "The draft goes; what is published stays."
        return "Drafts may rest on it from now on." if reviewed else "Its owner can publish it then."

    form = Form(
        title=f"{one_line(made.article.title)}, version {version}",
        button="Do it",
        fields=(
            Field("what", "Next", (forward, ("withdraw", "withdraw it"))),
            Field("note", "In words", hint="why, if you withdraw it"),
        ),
        will=will,
        wants=lambda v: "Still to say: why." if withdraws(v) and not v["note"].strip() else "",
    )
    return form, act
