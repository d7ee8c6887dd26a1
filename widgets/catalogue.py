"""Every command of the workstation, once. A command is one line here and one `action_` method where it works."""

from __future__ import annotations

from widgets.command import Command


def _c(
    name: str, keys: str, title: str, words: str, group: str, place: str, *, footer: bool = False, first: bool = False
) -> Command:
    return Command(name, keys, title, words, group, place, footer, first)


MOVING, DESK, QUEUE, READING = "Moving", "Desk", "Queue", "Reading"
WRITING, CHECKLIST, DECIDING = "Writing", "Checklist and findings", "Deciding"

CATALOGUE: tuple[Command, ...] = (
    _c("app.palette", "ctrl+p", "Commands", "Find any command by a few letters.", DESK, "app", footer=True, first=True),
    _c("app.help", "question_mark,f1", "Help", "The keys that work here, and what they do.", DESK, "app", footer=True),
    _c("app.recall", "u", "Recall", "Call the last approved reply back while it has not left.", DESK, "app"),
    _c("app.light", "", "Light or dark", "Switch between the light and the dark theme.", DESK, "app"),
    _c("app.send", "", "Send due replies", "Send the approved replies whose time to recall is over.", DESK, "app"),
    _c("app.quit", "ctrl+q", "Quit", "Leave; the draft is kept and the ticket given back.", DESK, "app", first=True),
    # Moving works the same in every list, in the thread and in the queue.
    _c("move.down", "j,down", "Down", "One line down.", MOVING, "list"),
    _c("move.up", "k,up", "Up", "One line up.", MOVING, "list"),
    _c("move.page_down", "pagedown", "Page down", "One screenful down.", MOVING, "list"),
    _c("move.page_up", "pageup", "Page up", "One screenful up.", MOVING, "list"),
    _c("move.top", "g,home", "Top", "To the first line.", MOVING, "list"),
    _c("move.bottom", "G,end", "Bottom", "To the last line.", MOVING, "list"),
    _c("queue.open", "enter", "Open", "Open the ticket for review.", QUEUE, "queue", footer=True),
    _c(
        "queue.filter",
        "slash",
        "Filter",
        "Filter or search: queue:billing is:free refund.",
        QUEUE,
        "queue",
        footer=True,
    ),
    _c("queue.clear", "escape", "All", "Drop the filter and show all that waits.", QUEUE, "queue"),
    _c(
        "queue.sort",
        "o",
        "Order",
        "Next order: pressing, newest, oldest, requester, queue.",
        QUEUE,
        "queue",
        footer=True,
    ),
    _c("queue.refresh", "r", "Refresh", "Read the queue again now.", QUEUE, "queue"),
    _c("review.back", "escape", "Back", "Back to the queue; the draft is kept, the ticket given back.", DESK, "review"),
    _c("review.next_pane", "tab", "Next pane", "To the next pane.", MOVING, "review", footer=True),
    _c("review.previous_pane", "shift+tab", "Previous pane", "To the pane before.", MOVING, "review"),
    _c("review.zoom", "z", "Zoom", "This pane alone, or all of them again.", MOVING, "review", footer=True),
    _c("review.take", "ctrl+t", "Take", "Take the ticket, from somebody else knowingly.", DESK, "review"),
    _c("thread.next_message", "right_square_bracket", "Next message", "To the next message.", READING, "thread"),
    _c("thread.previous_message", "left_square_bracket", "Previous", "To the message before.", READING, "thread"),
    _c(
        "thread.fold",
        "f",
        "Fold",
        "Show or hide quoted text, signatures and long tails.",
        READING,
        "thread",
        footer=True,
    ),
    _c("thread.hidden", "h", "Hidden", "Spell out the hidden characters of the messages.", READING, "thread"),
    _c(
        "thread.read_on",
        "space",
        "Read on",
        "One screenful on, or the next message not read.",
        READING,
        "thread",
        footer=True,
    ),
    _c("thread.read_back", "b", "Read back", "One screenful back.", READING, "thread"),
    _c("review.prepare", "p", "Prepare", "Have the assistant prepare the ticket again.", WRITING, "review"),
    _c("review.history", "t", "History", "What was done with this ticket, by whom and when.", READING, "review"),
    _c("review.next_finding", "full_stop", "Next finding", "To the next finding in the draft.", WRITING, "review"),
    _c("review.previous_finding", "comma", "Previous finding", "To the finding before.", WRITING, "review"),
    _c("review.edit", "e", "Edit", "Edit the draft in place; Esc ends.", WRITING, "review", footer=True),
    _c("review.note", "n", "Note", "Leave a note only colleagues see.", WRITING, "review", footer=True),
    _c("editor.begin", "ctrl+home", "Begin", "To the begin of the draft.", WRITING, "editor"),
    _c("editor.end", "ctrl+end", "End", "To the end of the draft.", WRITING, "editor"),
    _c(
        "editor.done",
        "escape",
        "Done",
        "Stop editing; the words are kept as a revision.",
        WRITING,
        "editor",
        footer=True,
    ),
    _c(
        "points.open",
        "enter",
        "Go",
        "Go to the line a point rests on, or take what it offers.",
        CHECKLIST,
        "points",
        footer=True,
    ),
    _c("checklist.answer", "enter", "Answer", "Answer the item.", CHECKLIST, "checklist", footer=True),
    _c(
        "checklist.confirm", "ctrl+y", "Confirm", "Confirm the item, if it can be.", CHECKLIST, "checklist", footer=True
    ),
    _c(
        "findings.settle",
        "enter",
        "Settle",
        "Settle the finding: a line, or a reason.",
        CHECKLIST,
        "findings",
        footer=True,
    ),
    _c(
        "prepared.lower",
        "ctrl+l",
        "Lower flag",
        "Lower the flag under the cursor, with a reason.",
        CHECKLIST,
        "prepared",
        footer=True,
    ),
    _c("review.grant", "ctrl+g", "Grant", "Grant or refuse what a colleague asks to promise.", CHECKLIST, "review"),
    _c(
        "review.approve",
        "ctrl+s,f2",
        "Approve",
        "Send these words, once all is confirmed.",
        DECIDING,
        "review",
        first=True,
    ),
    _c(
        "review.request",
        "f3",
        "Request info",
        "Send the draft as a question for details.",
        DECIDING,
        "review",
        first=True,
    ),
    _c("review.reroute", "f4", "Reroute", "To another queue, with a reason.", DECIDING, "review", first=True),
    _c("review.escalate", "f5", "Escalate", "To an owner who decides, with a backup.", DECIDING, "review", first=True),
    _c("review.reject", "f6", "Reject", "Refuse the draft; the ticket stays.", DECIDING, "review", first=True),
    _c("review.pause", "f7", "Pause", "Until a time or the next message.", DECIDING, "review", first=True),
    _c("choice.next", "enter", "Next", "Take the option under the cursor and go on.", DECIDING, "choice", footer=True),
    _c("dialog.close", "escape", "Cancel", "Close without doing anything.", DESK, "dialog", footer=True),
    _c("dialog.accept", "ctrl+s", "Do it", "Do what the dialog says.", DECIDING, "dialog", footer=True, first=True),
)
