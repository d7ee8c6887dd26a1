"""`supportdesk work`: real processes on one store, with a real server as their model."""

from __future__ import annotations

import collections
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from model.openai_server import Call, Reply, answer, serving

from supportdesk.text import hidden

ROOT = Path(__file__).resolve().parents[2]
LIGHT = Path(__file__).with_name("light")
Shell = Callable[..., subprocess.Popen[str]]


class Office:
    """A store, its settings, and the processes a test starts on it."""

    def __init__(self, folder: Path, *, light: bool = True) -> None:
        """With `light`, the processes call models by a litellm that is imported in a moment."""
        self.folder = folder
        self.store = folder / "desk.db"
        self.environment = {
            **os.environ,
            "SUPPORTDESK_STORE": str(self.store),
            "SUPPORTDESK_CONFIG": str(folder),
            "SUPPORTDESK_LOGIN": "lea",
            "PYTHONPATH": os.pathsep.join([*([str(LIGHT)] if light else []), str(ROOT)]),
        }

    def set(self, url: str, **values: object) -> None:
        given = {"model": "openai/double", "base_url": url, "timeout": 10, "concurrency": 4, **values}
        lines = "\n".join(f"{name} = {json.dumps(value)}" for name, value in given.items())
        (self.folder / "settings.toml").write_text(f"[assistant]\n{lines}\n")

    def start(self, *arguments: str, stdin: int | None = None) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "supportdesk", *arguments],
            cwd=ROOT,
            env=self.environment,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, status: int = 0, typed: str = "") -> str:
        process = self.start(*arguments, stdin=subprocess.PIPE)
        out, err = process.communicate(typed, timeout=100)
        assert process.returncode == status, out + err
        return out + err

    def fill(self, count: int) -> None:
        file = self.folder / "tickets.jsonl"
        rows = [
            {
                "id": f"t{n}",
                "subject": f"Question {n}",
                "requester": {"email": f"p{n}@example.com", "name": f"Person{n}"},
                "messages": [{"from": "customer", "text": f"Hello, when is your shop number {n} open on Saturdays?"}],
            }
            for n in range(count)
        ]
        file.write_text("\n".join(json.dumps(row) for row in rows))
        self.run("import", str(file))

    def query(self, statement: str) -> list[tuple[object, ...]]:
        with sqlite3.connect(self.store) as connection:
            return connection.execute(statement).fetchall()


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


@pytest.fixture
def real_office(tmp_path: Path) -> Office:
    """With litellm itself."""
    return Office(tmp_path, light=False)


def test_two_workers_share_the_tickets_and_prepare_each_once(office: Office) -> None:
    """Claims keep them apart; each ticket is one line in one worker's log."""
    with serving(lambda call: Reply(answer(call), delay=0.05)) as server:
        office.set(server.url)
        office.fill(24)
        workers = [office.start("work", "--once") for _ in range(2)]
        logs = [worker.communicate(timeout=100)[0] for worker in workers]
        assert [w.returncode for w in workers] == [0, 0]
        assert len(server.calls) == 24
    per_ticket = office.query("SELECT ticket_id, count(*) FROM preparation GROUP BY ticket_id, thread_version")
    assert len(per_ticket) == 24
    assert {count for _, count in per_ticket} == {1}
    lines = [line.split()[1] for log in logs for line in log.splitlines() if "openai/double" in line]
    assert collections.Counter(lines) == {f"#{n + 1}": 1 for n in range(24)}


def test_one_ticket_that_hangs_blocks_no_other(real_office: Office) -> None:
    """The others are prepared by the model meanwhile; the one that hung is prepared offline with the reason."""

    def script(call: Call) -> Reply:
        stuck = "shop number 3 " in call.text
        return Reply(answer(call), delay=8 if stuck else 0)

    with serving(script) as server:
        real_office.set(server.url, timeout=2, concurrency=2)
        real_office.fill(8)
        real_office.run("work", "--once")
    rows = dict(real_office.query("SELECT ticket_id, assistant FROM preparation"))
    assert rows == {n: "offline rules" if n == 4 else "openai/double" for n in range(1, 9)}
    assert "did not answer in time" in str(real_office.query("SELECT body FROM preparation WHERE ticket_id = 4"))


def test_a_worker_told_to_end_finishes_what_is_under_way(office: Office) -> None:
    """SIGTERM: status 0, nothing half done, no claim left, the rest still waits."""
    with serving(lambda call: Reply(answer(call), delay=0.3)) as server:
        office.set(server.url, concurrency=2)
        office.fill(40)
        worker = office.start("work")
        deadline = time.monotonic() + 60
        while len(server.calls) < 4 and time.monotonic() < deadline:
            time.sleep(0.05)
        worker.send_signal(signal.SIGTERM)
        out, err = worker.communicate(timeout=60)
        assert worker.returncode == 0, out + err
        prepared = office.query("SELECT count(*) FROM preparation")[0][0]
        assert prepared == len(server.calls)
        assert 0 < int(str(prepared)) < 40
    assert office.query("SELECT * FROM preparing") == []
    assert office.query("SELECT * FROM worker") == []


@pytest.mark.slow
def test_a_worker_told_to_end_gives_up_what_hangs(office: Office) -> None:
    """SIGTERM while a server does not answer: after a while the call is given up, the tickets wait as before."""
    with serving(lambda call: Reply(answer(call), delay=120)) as server:
        office.set(server.url, concurrency=2, timeout=300)
        office.fill(3)
        worker = office.start("work")
        deadline = time.monotonic() + 90
        while len(server.calls) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        worker.send_signal(signal.SIGTERM)
        out, err = worker.communicate(timeout=90)
        assert worker.returncode == 0, out + err
    assert office.query("SELECT count(*) FROM preparation")[0][0] == 0
    assert office.query("SELECT count(*) FROM ticket WHERE stale = 1")[0][0] == 3
    assert office.query("SELECT * FROM preparing") == []


@pytest.mark.slow
def test_workers_that_are_killed_leave_every_ticket_to_be_prepared_exactly_once(office: Office) -> None:
    """kill -9 at random moments; the next worker goes on, and every call that was made is in the books."""
    chance = random.Random(5)
    with serving(lambda call: Reply(answer(call), delay=0.1)) as server:
        office.set(server.url, concurrency=4)
        office.fill(30)
        for _ in range(6):
            worker = office.start("work")
            time.sleep(2.5 + chance.random() * 2)
            os.killpg(worker.pid, signal.SIGKILL)
            worker.communicate()
            # What a dead worker held comes free when its lease ends; here, at once.
            with sqlite3.connect(office.store) as connection:
                connection.execute("UPDATE preparing SET until = 0")
        office.run("work", "--once")
        made = len(server.calls)
    counts = office.query("SELECT ticket_id, count(*) FROM preparation GROUP BY ticket_id, thread_version")
    assert len(counts) == 30
    assert {count for _, count in counts} == {1}
    assert office.query("SELECT count(*) FROM model_call")[0][0] >= made
    assert office.query("SELECT count(*) FROM ticket WHERE stale = 1")[0][0] == 0


def test_the_days_budget_holds_over_processes(office: Office) -> None:
    """Beyond it by the calls in flight at most; the rest is prepared offline and says why."""
    with serving(lambda call: Reply(answer(call), delay=0.05)) as server:
        office.set(server.url, concurrency=3, daily_tokens=1500)
        office.fill(20)
        office.run("work", "--once", "--limit", "7")
        office.run("work", "--once")
        assert len(server.calls) <= 10 + 3
    assert office.query("SELECT count(*) FROM preparation")[0][0] == 20
    spent = int(str(office.query("SELECT sum(tokens) FROM model_call")[0][0]))
    assert spent <= 1500 + 3 * 150
    notes = str(office.query("SELECT body FROM preparation WHERE assistant = 'offline rules'"))
    assert "budget" in notes


def test_the_log_shows_no_control_character_of_a_customers(office: Office) -> None:
    """Model and customer write escape sequences; the log has none."""
    evil = "\x1b]11;?\x1b\\\u202eturn around\x07"
    flag = {"kind": "legal", "message": 1, "quote": evil, "why": evil}
    with serving(lambda call: Reply(answer(call, triage={"flags": [flag], "category": evil}))) as server:
        office.set(server.url)
        office.fill(2)
        log = office.run("work", "--once")
    assert "legal" in log
    assert hidden(log) == ()


@pytest.mark.parametrize(
    ("reply", "words", "status"),
    [
        (Reply('{"ready": true}'), "answers JSON", 0),
        (Reply("Hi there!"), "answers no JSON", 1),
        (Reply("", status=401), "key set openai", 1),
        (Reply("", status=404), "not known", 1),
    ],
)
def test_doctor_says_in_plain_words_what_is_wrong(real_office: Office, reply: Reply, words: str, status: int) -> None:
    """One tiny call; the exit status says whether the model will do."""
    with serving(lambda _: reply) as server:
        real_office.set(server.url)
        assert words in real_office.run("doctor", status=status)
        assert len(server.calls) == 1


def test_doctor_without_a_server_asks_whether_one_runs(real_office: Office) -> None:
    """The address is named."""
    real_office.set("http://127.0.0.1:9/v1")
    out = real_office.run("doctor", status=1)
    assert "could not be reached" in out
    assert "http://127.0.0.1:9/v1" in out


def test_a_key_is_kept_listed_by_place_and_forgotten_but_never_shown(office: Office) -> None:
    """The value goes in by a pipe and comes out to the server only."""
    with serving(lambda _: Reply('{"ready": true}')) as server:
        office.set(server.url)
        out = office.run("key", "set", "openai", typed="sk-very-secret-123\n")
        out += office.run("key", "list") + office.run("doctor", "--json")
        assert "secrets.json" in out
        out += office.run("key", "forget", "openai")
    assert "sk-very-secret-123" not in out
    assert "not set" in office.run("key", "list")


def test_own_prompts_are_listed_and_their_difference_shown(office: Office) -> None:
    """A broken one is named before any ticket is prepared."""
    office.set("http://127.0.0.1:9/v1")
    packaged = office.run("prompts", "show", "reply")
    assert office.run("prompts", "diff") == "No difference.\n"
    own = office.folder / "prompts" / "reply.md"
    own.parent.mkdir()
    own.write_text(packaged.replace("version = 1", "version = 2") + "Be brief.\n")
    assert "+Be brief." in office.run("prompts", "diff", "reply")
    rows = [json.loads(line) for line in office.run("prompts", "list", "--json").splitlines()]
    assert [(r["name"], r["version"]) for r in rows if r["own"]] == [("reply", 2)]
    own.write_text("broken")
    assert str(own) in office.run("work", "--once", status=2)


def test_a_trial_compares_with_what_people_decided_and_changes_nothing(office: Office) -> None:
    """Route, flags and words of a decided ticket; the ticket's own rows stay as they are."""
    from supportdesk.bootstrap import open_desk
    from supportdesk.domain.decision import Decision
    from supportdesk.domain.words import DecisionKind

    with serving(lambda call: Reply(answer(call))) as server:
        office.set(server.url)
        office.fill(3)
        office.run("work", "--once")
        desk = open_desk(office.store, login="lea")
        desk.review.take(2, "lea")
        move = Decision(DecisionKind.REROUTE, queue="billing", reason="wrong_queue")
        desk.review.decide(2, "lea", move, rest_not_judged=True)
        desk.close()
        before = office.query("SELECT * FROM ticket"), office.query("SELECT id FROM preparation")
        lines = office.run("trial", "--model", "openai/double", "--json").splitlines()
        *rows, total = [json.loads(line) for line in lines]
        assert [(row["ticket_id"], row["route_right"]) for row in rows] == [(2, False)]
        assert total["tickets"] == 1
        assert total["tokens"] == 150
        assert (office.query("SELECT * FROM ticket"), office.query("SELECT id FROM preparation")) == before
        assert "#2" in office.run("trial", "--model", "offline")


WATCH = """
import os, sys
names = {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.sendmsg"}
def watch(name, args):
    if name in names:
        line = f"{name} {args[1:]!r}" if name == "socket.connect" else f"{name} {args!r}"
        descriptor = os.open(os.environ["WATCHED"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(descriptor, (line[:200] + "\\n").encode())
        os.close(descriptor)
sys.addaudithook(watch)
"""


def test_no_connection_but_to_the_models_own_server_is_made(real_office: Office) -> None:
    """Import, first call and later ones, in every process, watched where sockets connect and names are looked up."""
    (real_office.folder / "sitecustomize.py").write_text(WATCH)
    watched = real_office.folder / "watched"
    real_office.environment |= {
        "WATCHED": str(watched),
        "PYTHONPATH": f"{real_office.folder}{os.pathsep}{ROOT}",
        # What a company's proxy settings would do to a server on this machine: nothing.
        "HTTP_PROXY": "http://192.0.2.1:3128",
        "HTTPS_PROXY": "http://192.0.2.1:3128",
    }
    with serving(lambda call: Reply(answer(call))) as server:
        real_office.set(server.url)
        real_office.fill(3)
        real_office.run("work", "--once")
        port = server.url.rpartition(":")[2].split("/")[0]
        assert len(server.calls) == 3
    seen = watched.read_text().splitlines()
    assert seen, "the calls themselves must be seen, or the watch is blind"
    assert [line for line in seen if not ("127.0.0.1" in line and port in line)] == []


def test_the_workstations_process_never_imports_litellm(real_office: Office) -> None:
    """Opening a desk whose settings name a model costs nothing of it."""
    real_office.set("http://127.0.0.1:9/v1")
    real_office.fill(1)
    code = (
        "import sys; from pathlib import Path; from supportdesk.bootstrap import open_desk;"
        f"d = open_desk(Path({str(real_office.store)!r})); d.review.read(1, d.person); d.close();"
        "print([m for m in ('litellm', 'openai', 'jinja2') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=real_office.environment, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.strip() == "[]", done.stderr
