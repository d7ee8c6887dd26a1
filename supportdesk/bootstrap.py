"""Putting a desk together: the only module that knows every concrete class."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from supportdesk.assistants.offline import OfflineAssistant
from supportdesk.channels.compose import compose
from supportdesk.channels.mail_kinds import own_mark
from supportdesk.domain.people import AuthorityRule
from supportdesk.domain.words import CommitmentKind
from supportdesk.errors import BadSettings
from supportdesk.rules.routing import routing_from
from supportdesk.services.articles import Articles
from supportdesk.services.bulk import Bulk
from supportdesk.services.cases import GateRules
from supportdesk.services.clock import SystemClock
from supportdesk.services.clocks import clocks_from, zone_from
from supportdesk.services.corrections import Corrections
from supportdesk.services.delivery import MailIdentity, Sending
from supportdesk.services.desk import Desk
from supportdesk.services.escalation import Escalations, Notify
from supportdesk.services.exercises import Exercises
from supportdesk.services.habits import Reviewing
from supportdesk.services.improvement import Improvement
from supportdesk.services.intake import Intake, IntakeReport
from supportdesk.services.knowledge import KnowledgeBase
from supportdesk.services.monitoring import Monitoring
from supportdesk.services.office import Office
from supportdesk.services.people import Staff
from supportdesk.services.ports import Assistant, Clock, Delivery
from supportdesk.services.preparation import Preparing
from supportdesk.services.promises import Promises
from supportdesk.services.queue import Queue
from supportdesk.services.readiness import Readiness
from supportdesk.services.redrafting import Redrafting
from supportdesk.services.review import Review
from supportdesk.services.themes import Themes
from supportdesk.settings import Settings, current_login, load_settings

if TYPE_CHECKING:
    from supportdesk.assistants.doctor import Checkup
    from supportdesk.services.delivery import Sent
    from supportdesk.services.fetching import Fetching
    from supportdesk.services.rounds import Round
    from supportdesk.services.work import BackOffice
    from supportdesk.store.sqlite import SqliteStore


def open_desk(
    file: Path, settings: Settings | None = None, *, login: str | None = None, clock: Clock | None = None
) -> Desk:
    """Open the store in a file, making it first if need be, with every service on it.

    Raises StoreTrouble for the store's troubles and BadSettings for the settings'.
    """
    from supportdesk.store.claims import SqlCalls, SqlClaims
    from supportdesk.store.sqlite import SqliteStore

    settings = load_settings() if settings is None else settings
    clock = SystemClock() if clock is None else clock
    routing = routing_from(settings.routing)
    store = SqliteStore(file, clock)
    assistant = assistant_from(settings, store, clock)
    preparing = Preparing(store, clock, assistant, routing)
    staff = Staff(store, clock)
    rules = replace(gate_rules(settings), queues=frozenset(routing.queues), owners=routing.owners)
    review = Review(store, clock, rules)
    redrafting = Redrafting(store, clock, review, preparing, assistant)
    queues = (identity.address for identity in settings.identities.values())
    own = (settings.desk.address, *settings.desk.own_addresses, *queues, own_mark(store.desk_id))
    clocks = clocks_from(settings)
    improvement = Improvement(store)
    themes = Themes(store, clock, improvement)
    identity = MailIdentity(settings.desk.name, settings.desk.address, settings.desk.signature)
    identities = {q: MailIdentity(i.name, i.address, i.signature) for q, i in settings.identities.items()}

    def closed() -> None:
        redrafting.stop()
        store.close()

    intake = Intake(store, clock, [a for a in own if a])
    return Desk(
        store=store,
        clock=clock,
        settings=settings,
        routing=routing,
        person=staff.enter(login or current_login()),
        queue=Queue(store, clock),
        review=review,
        bulk=Bulk(store, clock, review),
        intake=intake,
        bring=lambda path: _bring(intake, path),
        preparing=preparing,
        sending=Sending(
            store,
            clock,
            lambda: delivery_from(settings, file),
            compose,
            identity,
            identities,
            copies_for(settings),
            routing.sla_hours,
        ),
        knowledge=KnowledgeBase(store, clock),
        staff=staff,
        escalations=Escalations(store, clock, clocks, routing, notifier_from(settings)),
        monitoring=Monitoring(store, clock, routing),
        improvement=improvement,
        readiness=Readiness(store, clock, settings, routing),
        themes=themes,
        articles=Articles(store, clock, themes, improvement),
        promises=Promises(store, clock, clocks.hours, notifier_from(settings)),
        reviewing=Reviewing(store, clock, clocks.hours),
        corrections=Corrections(store, clock, lambda: gate_rules(settings)),
        exercises=Exercises(store, clock, settings.exercises.every),
        redrafting=redrafting,
        office=Office(store, clock, SqlClaims(store, clock), SqlCalls(store)),
        file=file,
        close=closed,
    )


def _bring(intake: Intake, path: str) -> IntakeReport:
    from supportdesk.channels.sources import open_source

    with open_source(Path(path).expanduser(), own_addresses=intake.own_addresses) as source:
        return intake.take(source)


def gate_rules(settings: Settings) -> GateRules:
    """The gate's rules as the settings have them."""
    domain = settings.desk.address.rpartition("@")[2]
    return GateRules(
        authority=tuple(
            AuthorityRule(rule.role, CommitmentKind(rule.kind), rule.up_to, rule.currency, rule.queue)
            for rule in settings.authority
        ),
        team_items=settings.gate.items,
        four_eyes=frozenset(settings.gate.four_eyes),
        recall_seconds=settings.delivery.recall_seconds,
        mail_domain=domain or "supportdesk.invalid",
        zone=zone_from(settings.hours.zone),
    )


def assistant_from(
    settings: Settings, store: SqliteStore | None = None, clock: Clock | None = None, prompts: Path | None = None
) -> Assistant:
    """The assistant the settings name; with a store, a model's calls are written down and kept within the budget.

    `prompts` is a folder of prompts instead of the one beside the settings.
    """
    routing = routing_from(settings.routing)
    chosen = settings.assistant
    if chosen.model == "offline" and not chosen.tasks:
        return OfflineAssistant(routing, desk=settings.desk.name)
    from supportdesk.assistants.budget import Ledger
    from supportdesk.assistants.fallback import Chain
    from supportdesk.assistants.language_model import LanguageAssistant
    from supportdesk.assistants.switchboard import Switchboard
    from supportdesk.paths import config_folder
    from supportdesk.store.claims import SqlCalls

    ledger = None
    if store is not None:
        ledger = Ledger(
            SqlCalls(store),
            clock or SystemClock(),
            daily_tokens=chosen.daily_tokens,
            daily_cost=chosen.daily_cost,
        )
    # The calling process makes so many calls at once as the settings say; a few more questions lie ready there, for
    # the moment an answer comes.
    ready = chosen.concurrency + max(1, chosen.concurrency // 4)
    chain = Chain(Switchboard(chosen), ledger, retries=chosen.retries, concurrency=ready)
    folder = prompts or config_folder() / "prompts"
    return LanguageAssistant(chosen, routing, chain, desk=settings.desk.name, folder=folder)


def assistant_for_trial(desk: Desk, model: str, prompts: Path | None = None) -> Assistant:
    """The desk's assistant with another model, or other prompts, within the same budget."""
    usual = desk.settings.assistant
    same = model.partition("/")[0] == usual.model.partition("/")[0]
    other = {"model": model, "tasks": {}, "fallbacks": (), "base_url": usual.base_url if same else ""}
    chosen = usual.model_copy(update=other)
    settings = desk.settings.model_copy(update={"assistant": chosen})
    return assistant_from(settings, cast("SqliteStore", desk.store), desk.clock, prompts)


def examine_model(settings: Settings) -> Checkup:
    """One tiny call of the settings' model, and what came of it."""
    from supportdesk import secrets
    from supportdesk.assistants.doctor import Checkup, check_up

    if settings.assistant.model == "offline":
        return Checkup("offline", "none needed", False, True, "The offline rules prepare tickets; no model is set.")
    return check_up(settings.assistant, secrets.find)


def back_office(file: Path, settings: Settings | None = None, *, clock: Clock | None = None) -> tuple[Desk, BackOffice]:
    """A desk and a back office on its store. Raises as `open_desk`, and BadSettings for a prompt nobody can use."""
    import prompts
    from supportdesk.paths import config_folder
    from supportdesk.services.work import BackOffice
    from supportdesk.store.claims import SqlClaims

    settings = load_settings() if settings is None else settings
    desk = open_desk(file, settings, clock=clock)
    store = cast("SqliteStore", desk.store)
    assistant = assistant_from(settings, store, desk.clock)
    calls = settings.assistant.concurrency
    modelled = not isinstance(assistant, OfflineAssistant)
    if modelled:
        for name in prompts.NAMES:
            prompts.load(name, config_folder() / "prompts")
    # A few more threads than calls: while some wait for the model, others read and check.
    spare = max(2, calls // 2)
    office = BackOffice(
        Preparing(store, desk.clock, assistant, desk.routing),
        SqlClaims(store, desk.clock),
        changed=store.changed,
        rounds=rounds_of(desk),
        threads=calls + spare if modelled else 1,
        batch=spare // 2 if modelled else 1,
        assistant=assistant,
    )
    return desk, office


def rounds_of(desk: Desk) -> list[Round]:
    """What the back office does again and again: whoever fetches, sends or watches is listed here.

    Each has a thread of its own; what it raises is logged and tried again later. Fetching comes first.
    """
    from supportdesk.services.rounds import Done, Report, Round

    def send(report: Report) -> None:
        def told(one: Sent) -> None:
            left = one.state == "sent"
            report(Done(one.entry.ticket_id, one.words, failed=not left, sent=left))

        desk.sending.send_due(progress=told)

    return [
        *channel_rounds(desk),
        Round("wake", lambda _: desk.queue.wake(), every=5.0),
        Round("send", send, every=1.0),
        Round("escalations", lambda _: desk.escalations.watch(), every=15.0),
        Round("promises", lambda _: desk.promises.watch(), every=60.0),
    ]


def fetching_for(desk: Desk) -> Fetching:
    """The channels the desk's settings name."""
    from functools import partial

    from supportdesk.channels.feeds import feed_from
    from supportdesk.services.fetching import Fetching

    chosen = desk.settings.desk
    mark = own_mark(desk.store.desk_id)
    own = frozenset(a.casefold() for a in (chosen.address, *chosen.own_addresses, mark) if a)
    feeds = {channel.name: partial(feed_from, channel, own) for channel in desk.settings.channels}
    return Fetching(desk.store, desk.clock, desk.intake, feeds)


def channel_rounds(desk: Desk) -> tuple[Round, ...]:
    """Watching the desk's channels, for the back office."""
    from supportdesk.services.fetching import rounds_of

    return rounds_of(fetching_for(desk))


def notifier_from(settings: Settings) -> Notify | None:
    """The command that tells owners of escalations; None where none is set."""
    chosen = settings.escalation
    if not chosen.notify:
        return None
    from supportdesk.channels.hook import tell

    return lambda particulars: tell(chosen.notify, particulars, chosen.notify_timeout)


def copies_for(settings: Settings) -> Callable[[bytes, str], object] | None:
    """Where a copy of each sent mail goes: the channel's folder the settings name; None for nowhere."""
    chosen = next(
        (c for c in settings.channels if c.kind == "imap" and c.sent_folder and settings.delivery.sent in ("", c.name)),
        None,
    )
    if chosen is None or settings.delivery.kind != "smtp":
        return None

    def keep(raw: bytes, message_id: str) -> object:
        from supportdesk.channels.feeds import mailbox_from

        return mailbox_from(chosen).keep_copy(chosen.sent_folder, raw, message_id)

    return keep


def delivery_from(settings: Settings, store: Path) -> Delivery:
    """The way out the settings name. Raises BadSettings when something it needs is not set."""
    chosen = settings.delivery
    if chosen.kind == "maildir":
        from supportdesk.channels.maildir_out import MaildirDelivery

        return MaildirDelivery(Path(chosen.folder).expanduser() if chosen.folder else store.parent / "outbox")
    from supportdesk import secrets
    from supportdesk.channels.server import Auth, Security, Server
    from supportdesk.channels.smtp_out import SmtpDelivery

    if not chosen.host or not settings.desk.address:
        raise BadSettings("To send by SMTP, set delivery.host and desk.address in settings.toml.")

    def password() -> str:
        found = secrets.find("smtp")
        if found is None:
            raise BadSettings("No SMTP password is kept; run `supportdesk key set smtp`.")
        return found.value

    server = Server(
        chosen.host,
        chosen.port,
        Security(chosen.security),
        user=chosen.user,
        password=password if chosen.user else None,
        auth=Auth(chosen.login),
        timeout=chosen.timeout,
        ca=str(Path(chosen.ca).expanduser()) if chosen.ca else "",
        insecure=chosen.insecure,
    )
    return SmtpDelivery(server)
