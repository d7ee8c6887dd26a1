"""One calling process for all tests of a run: litellm takes seconds to import."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from supportdesk.assistants import switchboard


class Shared(switchboard.CallingProcess):
    """Outlives the assistants that use it."""

    def close(self) -> None:
        pass


@pytest.fixture(scope="session")
def calling() -> Iterator[switchboard.CallingProcess]:
    process = Shared()
    yield process
    switchboard.CallingProcess.close(process)


@pytest.fixture(autouse=True)
def one_calling_process(calling: switchboard.CallingProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every assistant made in this process shares it; those of started commands have their own."""
    monkeypatch.setattr(switchboard, "CallingProcess", lambda: calling)
