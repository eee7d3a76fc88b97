"""What is done about stock: push, set, give the last units to one store, take a count over, export."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from shoptui.client import Answer
from shoptui.cockpit.export_pools import write_pools
from shoptui.cockpit.notices import Tone
from shoptui.domain.counting import CountLine, count_differences
from shoptui.i18n import _
from shoptui.protocol import Changed
from shoptui.queries.ordering import OrderPart, judge_requests
from shoptui.queries.stock import PoolCandidate, PoolRow
from shoptui.screens.forms import Choice, ChoiceForm, TextForm
from shoptui.screens.stock_view import StockView
from shoptui.words.stock import pools_count, units_count

if TYPE_CHECKING:
    from shoptui.screens.stock_count_form import CountForm
    from shoptui.screens.stock_push_form import PushForm, StockFormFacts
    from shoptui.stock_source import StockSource

#: Pools in one question to the engine.
_POOLS_MAX = 2000
#: With more pools than this their listings are not read again when the strip opens: the engine does it after F9.
_REFRESH_MAX = 200
#: The largest file of a count that is read.
_FILE_MAX = 20_000_000


class StockDesk(StockView):
    """The verbs of Stock. Strips are imported when they first open."""

    _push: PushForm | None = None
    """The strip of a push while it is open: it follows what is sold."""

    # Push.

    def do_stock_push(self, argument: str) -> None:
        self._open_push(last=False)

    def do_stock_reserve(self, argument: str) -> None:
        self._open_push(last=True)

    def _open_push(self, *, last: bool) -> None:
        def go_on(found: list[PoolCandidate], facts: StockFormFacts) -> None:
            from shoptui.screens.stock_push_form import PushForm

            form = PushForm(found, facts, self._order_push, cursor_row=self.grid.cursor_id, last=last)
            self._push = form
            self.post_message(self.FormWanted(form))
            for targets, question in judge_requests(form.parts()):
                self.ask("judge", partial(form.judged, targets), **question)
            if len(found) <= _REFRESH_MAX:
                # What is read anew comes as a change, which the strip follows.
                keys = [one.stock.key for one in found]
                self.ask("stock_refresh", lambda answer: None, pools=keys)

        self._with_candidates(go_on)

    def _with_candidates(self, go_on: Callable[[list[PoolCandidate], StockFormFacts], None]) -> None:
        """Read what a simulation needs of the pools a verb acts on, then go on with it."""
        from shoptui.screens.stock_push_form import StockFormFacts

        ids = self.target_ids()
        out_of_sight = self.out_of_sight

        async def read_candidates() -> Callable[[], None]:
            settings = await self.read_settings()
            found = await self._candidates(ids)
            markets = {store.store_id: store.marketplace for store in self.session.house.stores}
            facts = StockFormFacts(float(settings.gap_s), markets, out_of_sight)
            return lambda: go_on(found, facts)

        if ids:
            self.read(read_candidates, "push", exclusive=True)

    async def _candidates(self, ids: Sequence[int]) -> list[PoolCandidate]:
        rule = (await self.read_settings()).share_rule()
        silent = frozenset(self.session.stale_stores)
        return await self.house.reader.stock.candidates(ids, self.session.now, silent, rule)

    def _order_push(self, parts: Sequence[OrderPart], rule: Mapping[str, object] | None, pools: Sequence[str]) -> None:
        """Order a push; `pools` are to keep its rule, also for what sales make the engine work out anew."""
        self._push = None
        for first in range(0, len(pools), _POOLS_MAX):
            self.ask("stock_rule", self._rule_kept, pools=list(pools[first : first + _POOLS_MAX]), rule=rule)
        self.order_parts(parts, rule=rule)

    def _rule_kept(self, answer: Answer) -> None:
        if not answer.ok:
            self.session.say(answer.say, tone=Tone.BAD)

    def strip_changed(self, is_open: bool) -> None:
        super().strip_changed(is_open)
        if not is_open:
            self._push = None

    def changed(self, changed: Changed) -> None:
        super().changed(changed)
        form = self._push
        if form is None or not self.house.is_open:
            return
        ids = form.row_ids
        if changed.pools is not None and not set(changed.pools) & set(ids):
            return

        async def read_again() -> Callable[[], None]:
            found = await self._candidates(ids)
            return lambda: form.renew(found) if self._push is form else None

        self.read(read_again, "renew", exclusive=True)

    # One number.

    def do_stock_set(self, argument: str) -> None:
        def go_on(found: list[PoolCandidate], facts: StockFormFacts) -> None:
            from shoptui.screens.stock_set_form import SetForm

            self.post_message(self.FormWanted(SetForm(found, facts, self.order_parts)))

        self._with_candidates(go_on)

    # Count.

    def do_stock_count(self, argument: str) -> None:
        """Ask whether one is typed, a file is read, or what listings show stands for a count."""
        row, ids = self.grid.cursor_row, self.target_ids()
        ways: list[tuple[Choice, Callable[[], None]]] = [
            (Choice(("2", "f"), "2", _("a file (CSV, XLSX)")), self._name_file)
        ]
        if row is not None:
            typed = Choice(("1", "t"), "1", _("type how many of {sku} there are").format(sku=row.sku))
            ways.insert(0, (typed, partial(self._type_count, row)))
        if ids:
            words = _("what listings show and orders hold, of {pools}").format(pools=pools_count(len(ids)))
            ways.append((Choice(("3", "l"), "3", words), partial(self._count_listed, ids)))
        choices = [choice for choice, _way in ways]

        def chosen(place: int) -> None:
            ways[place][1]()

        self.post_message(self.FormWanted(ChoiceForm(_("CHECK A COUNT IN"), choices, chosen)))

    def _type_count(self, row: PoolRow) -> None:
        def enter(words: str) -> str | None:
            typed = words.strip()
            if not (typed.isascii() and typed.isdigit() and len(typed) <= 9):
                return _("Type how many there are as a whole number, as in 24.")
            self._take_over([CountLine(row.sku, int(typed))], "typed")
            return None

        books = "?" if row.hand is None else str(row.hand)
        title = _("COUNT of {sku}: how many are in the house?").format(sku=row.sku)
        help_lines = [
            _("On the books: {books}, of them {reserved} in open orders. Ours alone: no marketplace sees it.").format(
                books=books, reserved=row.reserved
            )
        ]
        self.post_message(self.FormWanted(TextForm(title, "=", enter, help_lines=help_lines)))

    def _name_file(self) -> None:
        def enter(words: str) -> str | None:
            path = Path(words.strip()).expanduser()
            if not words.strip():
                return _("Type or paste the path of a file, as in ~/count.csv")
            if not path.is_file():
                return _("There is no file {path}.").format(path=path)
            self._read_file(path)
            return None

        title = _("COUNT from a file: CSV or XLSX with a column of SKUs and one of quantities")
        help_lines = [_("What differs from the books is shown before anything is taken over.")]
        draft = "count:file"
        self.post_message(self.FormWanted(TextForm(title, ">", enter, help_lines=help_lines, draft=draft)))

    def _read_file(self, path: Path) -> None:
        async def read_file() -> Callable[[], None]:
            from shoptui.stock_count import BadCount
            from shoptui.stock_source import CountFile

            try:
                if path.stat().st_size > _FILE_MAX:
                    said = _("{path} is too large for a count.").format(path=path)
                    return partial(self.session.say, said, tone=Tone.BAD)
                source = CountFile(path.name, await asyncio.to_thread(path.read_bytes))
                return await self._compared(source, path.name)
            except OSError as error:
                said = _("{path} cannot be read: {why}").format(path=path, why=error.strerror or error)
                return partial(self.session.say, said, tone=Tone.BAD)
            except BadCount as error:
                return partial(self.session.say, f"{path.name}: {error}", tone=Tone.BAD)

        self.read(read_file, "count", exclusive=True)

    def _count_listed(self, ids: Sequence[int]) -> None:
        """Take what listings show for a count: right only where the goods are split among them, which is said."""

        async def read_listed() -> Callable[[], None]:
            from shoptui.stock_source import ListedStock

            found = await self._candidates(ids)
            source = ListedStock(tuple((one.sku, one.stock) for one in found))
            doubt = _("Goods that several listings show are counted several times; right only where they are split.")
            return await self._compared(source, _("by listings"), doubt)

        self.read(read_listed, "count", exclusive=True)

    async def _compared(self, source: StockSource, title: str, *doubts: str) -> Callable[[], None]:
        """The strip of what a source says beside the books. Raises BadCount."""
        from shoptui.screens.stock_count_form import CountForm

        counted = await source.counted()
        found = count_differences(counted.lines, await self.house.reader.stock.books())
        take_over = partial(self._take_over, source=source.name)
        form = CountForm(title, found, [*doubts, *counted.problems], take_over)
        return partial(self._show_differences, form)

    def _show_differences(self, form: CountForm) -> None:
        self.post_message(self.FormWanted(form))

    def _take_over(self, lines: Sequence[CountLine], source: str) -> None:
        done = 0

        def answered(count: int, answer: Answer) -> None:
            nonlocal done
            if not answer.ok:
                self.session.say(answer.say, tone=Tone.BAD)
                return
            done += count
            if len(lines) == 1:
                said = _("{sku} counted: {units} in the house. s shares out anew.").format(
                    sku=lines[0].sku, units=units_count(lines[0].counted)
                )
            else:
                said = _("Counted: {pools}. s shares out anew.").format(pools=pools_count(done))
            self.session.say(said, tone=Tone.GOOD)

        for first in range(0, len(lines), _POOLS_MAX):
            part = lines[first : first + _POOLS_MAX]
            counts = [{"sku": line.sku, "counted": line.counted} for line in part]
            self.ask("stock_count", partial(answered, len(part)), counts=counts, source=source[:120])

    # Export.

    def do_list_export(self, argument: str) -> None:
        self.export("stock", lambda ids, path: write_pools(self.house.reader, ids, path))
