"""Saving what the cockpit remembers: soon after each change, in a thread, and once more at the end."""

from __future__ import annotations

import threading

from shoptui.cockpit.memory import CockpitMemory
from shoptui.cockpit.session import Session
from shoptui.i18n import _
from shoptui.store.errors import StoreError
from shoptui.store.operator_state import OperatorState

_DOCUMENT = "cockpit"


class MemoryKeeper:
    """Loads and saves the operator's memory. Its calls block: use worker threads.

    A state file that cannot be used costs only what it remembers: `fault` then holds the sentence.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._state: OperatorState | None = None
        self._saved_revision = 0
        self._lock = threading.Lock()
        self.fault = ""

    def load(self) -> CockpitMemory:
        """What was remembered last time."""
        try:
            self._state = OperatorState.open(self._session.data_dir.operator_state, self._session.now)
            kept = self._state.load(_DOCUMENT)
        except (StoreError, OSError) as error:
            self.fault = _fault_sentence(error)
            return CockpitMemory()
        return CockpitMemory() if kept is None else CockpitMemory.from_json(kept)

    @property
    def is_due(self) -> bool:
        """Whether something has changed since the last save."""
        return self._session.memory_revision != self._saved_revision

    def save(self, memory: CockpitMemory, revision: int, now: int) -> None:
        """Keep `memory`, which was current at `revision`."""
        with self._lock:
            if self._state is None:
                return
            try:
                self._state.save(_DOCUMENT, memory.to_json(), now)
                self._saved_revision = revision
            except (StoreError, OSError) as error:
                self.fault = _fault_sentence(error)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            state, self._state = self._state, None
            if state is not None:
                state.close()


def _fault_sentence(error: StoreError | OSError) -> str:
    if isinstance(error, StoreError):
        return str(error)
    why = f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror or error)
    return _("Views and marks cannot be kept ({why}). Everything else works.").format(why=why)
