"""The rows of a desk, as SQLModel tables. Rows never leave this package; `mapping` turns them into domain values.

Times are whole milliseconds since 1970 UTC, flags are 0 or 1, lists are JSON: the same in every database.
Tables marked append-only are kept so by `guards`.
"""

from supportdesk.store.tables.columns import add, table
from supportdesk.store.tables.decisions import (
    ApprovalRow,
    AuditRow,
    DecisionRow,
    ErasureRow,
    GrantRow,
    OutboxRow,
)
from supportdesk.store.tables.desk import (
    GateRuleRow,
    MetaRow,
    PersonRow,
)
from supportdesk.store.tables.figures import DecisionDetailRow, TallyRow, TicketFactRow
from supportdesk.store.tables.improvement import ExerciseRow, PromiseRow, ThemeLookRow, ThemeRow, ThemeTicketRow
from supportdesk.store.tables.lead import (
    ArticleRow,
    EscalationEventRow,
    EscalationRow,
)
from supportdesk.store.tables.mail import (
    AttachmentRow,
    MessageRow,
    RawRow,
    ReferenceRow,
    SetAsideRow,
    TicketRow,
)
from supportdesk.store.tables.review import (
    AnswerRow,
    CommitmentRow,
    FindingRow,
    FlagRow,
    LeaseRow,
    PreparationRow,
    RevisionRow,
    SeenRow,
    SettlementRow,
)
from supportdesk.store.tables.rules import CheckCorrectionRow

__all__ = [
    "AnswerRow",
    "ApprovalRow",
    "ArticleRow",
    "AttachmentRow",
    "AuditRow",
    "CheckCorrectionRow",
    "CommitmentRow",
    "DecisionDetailRow",
    "DecisionRow",
    "ErasureRow",
    "EscalationEventRow",
    "EscalationRow",
    "ExerciseRow",
    "FindingRow",
    "FlagRow",
    "GateRuleRow",
    "GrantRow",
    "LeaseRow",
    "MessageRow",
    "MetaRow",
    "OutboxRow",
    "PersonRow",
    "PreparationRow",
    "PromiseRow",
    "RawRow",
    "ReferenceRow",
    "RevisionRow",
    "SeenRow",
    "SetAsideRow",
    "SettlementRow",
    "TallyRow",
    "ThemeLookRow",
    "ThemeRow",
    "ThemeTicketRow",
    "TicketFactRow",
    "TicketRow",
    "add",
    "table",
]
