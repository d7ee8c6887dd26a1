"""What people say of the checks."""

from __future__ import annotations

from sqlalchemy import Index
from sqlmodel import SQLModel

from supportdesk.store.tables.columns import STRICT, key_column, text_column, whole_column


class CheckCorrectionRow(SQLModel, table=True):
    """A finding somebody called wrong, or one they missed. Append-only."""

    __tablename__ = "check_correction"
    __table_args__ = (Index("check_correction_by_ticket", "ticket_id"), STRICT)
    id: int | None = key_column()
    ticket_id: int = whole_column()
    revision_id: int = whole_column()
    at: int = whole_column()
    by: str = text_column()
    what: str = text_column()
    rule: str = text_column()
    kind: str = text_column()
    subkind: str = text_column()
    fingerprint: str = text_column()
    words: str = text_column()
    quote: str = text_column()
    reason: str = text_column()
