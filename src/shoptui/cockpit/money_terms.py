"""The fee rules and exchange rates as the cockpit shows money by: the house's own over the packaged ones."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from shoptui.cockpit.file_state import FileState, state_of
from shoptui.i18n import _
from shoptui.paths import DataDir

if TYPE_CHECKING:
    from shoptui.domain.fee_rules import FeeBook
    from shoptui.domain.fx import Rates

_FILES = ("fees.toml", "rates.toml")


class MoneyTerms:
    """A house's fee book and rates. `look` blocks for the disk and may be called from any thread.

    Read when first asked for and again when one of the house's files has changed. `fault` says why the house's own are
    left out, "" when they are in or there are none; without usable rates `look` gives None for them.
    """

    def __init__(self, house: DataDir) -> None:
        self._root = house.root
        self._lock = Lock()
        self._read_as: tuple[FileState | None, ...] | None = None
        self._book: FeeBook | None = None
        self._rates: Rates | None = None
        self.fault = ""

    def look(self) -> tuple[FeeBook, Rates | None]:
        """The rules and rates as they are now."""
        with self._lock:
            read_as = tuple(state_of(self._root / name) for name in _FILES)
            if self._book is None or read_as != self._read_as:
                self._read_as = read_as
                self._book, self._rates = self._read()
            return self._book, self._rates

    def _read(self) -> tuple[FeeBook, Rates | None]:
        from shoptui.domain.rule_types import RuleError
        from shoptui.exchange import load_rates
        from shoptui.fee_book import load_fee_book

        self.fault = ""
        try:
            book = load_fee_book(self._root)
        except RuleError as error:
            book = load_fee_book()
            self.fault = _("Checked by the packaged fees. {why}").format(why=self._why(error))
        try:
            return book, load_rates(self._root)
        except RuleError as error:
            # Packaged rates in place of the operator's own would be of another day than they think.
            self.fault = _("Nothing is converted. {why}").format(why=self._why(error))
            return book, None

    def _why(self, error: Exception) -> str:
        """What is wrong with a file of the house, which is named as people know it."""
        return str(error).removeprefix(f"{self._root}/")
