"""The console script as people and scripts use it: real processes, real files."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from terminal import SCRIPT
from terminal import command as run

THREAD = {
    "id": "t1",
    "channel": "mail",
    "subject": "Invoice",
    "messages": [{"from": "customer", "text": "Hello, I was charged twice for order 88213. Please check."}],
}


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "private" / "desk.db"


def test_a_desk_from_a_file_to_a_queue(store: Path, tmp_path: Path) -> None:
    """Import, import again, prepare, list, show: each as text and as JSON."""
    file = tmp_path / "export.jsonl.gz"
    file.write_bytes(gzip.compress((json.dumps(THREAD) + "\nnot json\n").encode()))
    first = json.loads(run("import", str(file), "--json", store=store))
    assert first == {"tickets": 1, "messages": 1, "duplicates": 0, "set_aside": 1}
    again = json.loads(run("import", str(file), "--json", store=store))
    assert (again["tickets"], again["messages"]) == (0, 0)
    assert ":2: It is not JSON" in run("set-aside", "list", store=store)
    assert json.loads(run("prepare", "--json", store=store)) == {"prepared": 1}
    row = json.loads(run("queue", "--json", store=store))
    assert "billing_dispute" in row["triggers"]
    case = json.loads(run("show", "1", "--json", store=store))
    assert case["messages"][0]["text"] == THREAD["messages"][0]["text"]
    assert {b["code"] for b in case["blockers"]} >= {"not_taken", "unseen", "unanswered"}
    assert "charged twice" in run("show", "#1", store=store)
    assert "message" in run("history", "1", store=store)


def test_the_store_is_private(store: Path, tmp_path: Path) -> None:
    """Files 0600, folders 0700, whatever the umask."""
    run("queue", store=store)
    assert store.stat().st_mode & 0o777 == 0o600
    assert store.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("import", "/no/such/file"), "/no/such/file"),
        (("import", SCRIPT), "not a mailbox"),
        (("show", "77"), "no ticket #77"),
        (("show", "seven"), "no ticket number"),
        (("queue", "colour:red"), "Unknown filter colour"),
        (("articles", "import", "/no/such/folder"), "not a folder"),
        (("nonsense",), "No such command"),
        (("outbox", "recall", "5"), "no entry 5"),
    ],
)
def test_what_a_person_gets_wrong_is_said_in_one_sentence(store: Path, arguments: tuple[str, ...], words: str) -> None:
    """A non-zero status, words, never a traceback."""
    assert words in run(*arguments, store=store, status=2)


def test_a_file_that_is_no_store_is_left_alone(tmp_path: Path) -> None:
    """Naming the wrong file costs nothing."""
    file = tmp_path / "letter.txt"
    file.write_text("Dear diary, today I named the wrong file.")
    assert "not a supportdesk store" in run("queue", store=file, status=1)
    assert file.read_text().startswith("Dear diary")


def test_settings_that_do_not_exist_are_named(private_home: Path, store: Path) -> None:
    """The file, the setting, and that nothing was changed."""
    folder = private_home / ".config" / "supportdesk"
    folder.mkdir(parents=True)
    (folder / "settings.toml").write_text("[delivery]\ncolour = 'red'\n")
    said = run("queue", store=store, status=2)
    assert "delivery.colour" in said
    assert "settings.toml" in said


def test_the_filters_answer_line_by_line_and_name_bad_lines(store: Path) -> None:
    """A bad line is reported with its number, the others are still answered, the status is 1."""
    lines = "\n".join([json.dumps(THREAD), "{broken", json.dumps({"id": "x", "messages": [{"from": "martian"}]}), ""])
    said = run("triage", stdin=lines, status=1)
    assert "line 2:" in said
    assert "line 3:" in said
    answer = json.loads(next(line for line in said.splitlines() if line.startswith("{")))
    assert answer["id"] == "t1"
    assert set(answer) >= {"category", "priority", "language", "sentiment", "triggers", "path", "queue", "missing"}
    assert not store.exists(), "the filters need no store"


def test_a_draft_is_checked_against_thread_and_articles(tmp_path: Path) -> None:
    """Findings carry kind, span, quote, reason; the quote stands at its offsets."""
    (tmp_path / "returns.md").write_text("# Returns\n\nYou can return an item within 14 days of delivery.\n")
    draft = "Hello, you can return the item within 30 days. We will refund you €250 tomorrow."
    line = json.dumps({**THREAD, "draft": draft})
    answer = json.loads(run("check", "--articles", str(tmp_path), stdin=line))
    kinds = {finding["kind"] for finding in answer["findings"]}
    assert {"fact", "commitment"} <= kinds
    for finding in answer["findings"]:
        assert draft[finding["start"] : finding["end"]] == finding["quote"]
        assert finding["why"]


@pytest.mark.slow
def test_the_demo_prints_queue_and_review_where_nobody_sits(private_home: Path) -> None:
    """No terminal: text, status 0, nothing hangs, nothing stays behind."""
    said = run("demo")
    assert "escalation" in said
    assert "Checklist" in said
    assert not (private_home / ".local").exists()


def test_the_bare_command_prints_where_nobody_sits(store: Path) -> None:
    """An empty desk says what to do next."""
    assert "supportdesk import" in run(store=store)


def test_help_is_whole() -> None:
    """No command's line stops in the middle, and examples stand a line each."""
    listed = run("--help")
    assert "..." not in listed.split("Commands:")[1]
    assert max(map(len, listed.splitlines())) <= 80
    told = run("config", "--help")
    assert "\\b" not in told
    assert "\n    supportdesk config list\n" in told
