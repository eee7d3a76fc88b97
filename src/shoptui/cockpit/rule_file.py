"""The rules in force as the cockpit explains them: the packaged ones under the house's own, as the engine has them."""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from shoptui.cockpit.file_state import FileState, state_of
from shoptui.i18n import _
from shoptui.paths import DataDir

if TYPE_CHECKING:
    from shoptui.domain.reply_clock import ReplyBook
    from shoptui.domain.rules import RuleBook
    from shoptui.domain.stores import Store


class RulesInForce:
    """The rule book of a house. `look` and `replies` block for the disk and may be called from any thread.

    Read when first asked for, since most sessions never ask, and again when the house's file has changed. `fault` is
    why the house's own rules are left out, "" when they are in or there are none.
    """

    def __init__(self, house: DataDir) -> None:
        self._house = house
        self._path: Path | None = None
        self._book: RuleBook | None = None
        self._read_as: FileState | None = None
        self._replies: dict[str, ReplyBook] = {}
        self._lock = Lock()
        self.fault = ""

    def look(self) -> RuleBook:
        """The rules as they are now."""
        with self._lock:
            return self._look()

    def replies(self, store: Store) -> ReplyBook:
        """What they say about a store's conversations."""
        from shoptui.domain.reply_clock import ReplyBook

        with self._lock:
            book = self._look()
            if store.store_id not in self._replies:
                self._replies[store.store_id] = ReplyBook(book, [store])
            return self._replies[store.store_id]

    def _look(self) -> RuleBook:
        if self._book is None:
            self._path = self._named()
        read_as = state_of(self._path)
        if self._book is None or read_as != self._read_as:
            # Set first: a faulty file is read again only when it has changed.
            self._read_as = read_as
            self._book = self._read()
            self._replies.clear()
        return self._book

    def _named(self) -> Path | None:
        """The file the settings name; what is wrong with the settings others say, too."""
        from shoptui.config import ConfigError, config_path, load_config

        try:
            return load_config(config_path(self._house)).rules
        except (ConfigError, OSError) as error:
            self.fault = _left_out(str(error))
            return None

    def _read(self) -> RuleBook:
        from shoptui.domain.rule_types import RuleError
        from shoptui.rulebook import load_rule_book

        if self._path is None:
            return load_rule_book()
        try:
            book, self.fault = load_rule_book(self._path), ""
        except RuleError as error:
            book, self.fault = load_rule_book(), _left_out(str(error))
        return book


def _left_out(why: str) -> str:
    return _("This is by the packaged rules: the house's own cannot be read here ({why}).").format(why=why)
