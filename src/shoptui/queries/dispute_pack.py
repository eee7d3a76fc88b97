"""The pack for the seller centre's ticket: what goes into it, the letter, and the one document with everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from urllib.parse import quote
from zoneinfo import ZoneInfo

from shoptui.domain.anomalies import Anomaly
from shoptui.domain.disputes import ARGUED, DisputedOrder, DisputePack, Evidence, Language
from shoptui.domain.marketplaces import title_of
from shoptui.domain.orders import HistoryEvent, Order
from shoptui.domain.rule_types import zone_of
from shoptui.domain.stores import Store
from shoptui.queries.dispute_words import WORDS, LetterWords, why_text
from shoptui.queries.money import AnomalyRow, LineRow
from shoptui.queries.money_export import facts_text
from shoptui.queries.sheets import Cell, Column, Kind

AMOUNT_COLUMNS = (
    Column("order"),
    Column("statement"),
    Column("kind"),
    Column("fee"),
    Column("currency"),
    Column("expected", Kind.MONEY, total=True),
    Column("paid", Kind.MONEY, total=True),
    Column("difference", Kind.MONEY, total=True),
    Column("why"),
    Column("facts"),
    Column("booked_at", Kind.MOMENT),
)


def packed(
    store: Store,
    rows: Sequence[AnomalyRow],
    orders: Mapping[str, Order],
    settled: Mapping[str, Sequence[LineRow]],
    more_evidence: Mapping[str, Sequence[Evidence]],
    now: int,
    more_events: Mapping[str, Sequence[HistoryEvent]] = MappingProxyType({}),
) -> DisputePack:
    """A pack of the marked anomalies of one store; what costs nothing or is in dispute already is left out and named.

    `orders` and `settled` are by order number, as far as the house has them; `more_evidence` are copies of labels and
    whatever else the caller has found, `more_events` what happened to returns. Buyers' names and addresses never go in.
    """
    taken: dict[str, list[Anomaly]] = {}
    left_out: list[tuple[str, str]] = []
    for row in rows:
        about = row.anomaly.order_no or row.about
        if row.anomaly.difference.minor >= 0:
            left_out.append((about, "no_loss"))
        elif row.dispute_state in ARGUED:
            left_out.append((about, "in_dispute"))
        else:
            taken.setdefault(row.anomaly.order_no, []).append(row.anomaly)
    return DisputePack(
        store_id=store.store_id,
        shop_name=store.name,
        shop_id=store.shop_id,
        marketplace=store.marketplace,
        currency=store.currency,
        made_at=now,
        orders=tuple(
            _disputed(
                order_no,
                anomalies,
                orders.get(order_no),
                settled.get(order_no, ()),
                more_evidence.get(order_no, ()),
                more_events.get(order_no, ()),
            )
            for order_no, anomalies in taken.items()
        ),
        left_out=tuple(left_out),
    )


def _disputed(
    order_no: str,
    anomalies: Sequence[Anomaly],
    order: Order | None,
    settled: Sequence[LineRow],
    more_evidence: Sequence[Evidence],
    more_events: Sequence[HistoryEvent],
) -> DisputedOrder:
    events = [HistoryEvent(row.line.at, "settled", _booked(row)) for row in settled]
    events += more_events
    evidence: list[Evidence] = []
    if order is not None:
        events += order.history
        evidence.append(Evidence("status", order.raw_status or order.status.value))
        for package in order.packages:
            if package.tracking_number:
                carrier = f" ({package.carrier_name})" if package.carrier_name else ""
                evidence.append(Evidence("parcel", f"{package.tracking_number}{carrier}"))
            if package.weight_g:
                evidence.append(Evidence("weight", f"{package.weight_g} g"))
    evidence += more_evidence
    return DisputedOrder(
        order_no=order_no,
        anomalies=tuple(anomalies),
        placed_at=order.created_at if order is not None else None,
        timeline=tuple(sorted(events, key=lambda event: event.at)),
        evidence=tuple(evidence),
    )


def _booked(row: LineRow) -> str:
    line = row.line
    return f"{line.statement_id}: {line.amount.plain()} {line.raw_kind.replace('_', ' ').lower()}".rstrip()


def letter(pack: DisputePack, language: Language, time_zone: str) -> str:
    """The text of the ticket, ready to paste; days are those of the shop's `time_zone`."""
    words, zone = WORDS[language], zone_of(time_zone)
    amount = {"amount": pack.amount.plain(), "currency": pack.currency}
    shop = {"shop": pack.shop_name, "shop_id": pack.shop_id}
    parts = [
        words.subject.format(count=len(pack.orders), **shop, **amount),
        words.greeting,
        words.opening.format(**amount),
    ]
    for order in pack.orders:
        head = words.order.format(order=order.order_no) if order.order_no else words.account
        lines = []
        for anomaly in order.anomalies:
            missing = f"{words.kinds[anomaly.kind]}: {anomaly.difference.plain()} {pack.currency}."
            lines.append(f"- {missing} {why_text(anomaly, language, zone)}")
        parts.append("\n".join([head, *lines]))
    parts += [words.closing, words.thanks.format(**shop)]
    return "\n\n".join(parts) + "\n"


def document(pack: DisputePack, language: Language, time_zone: str) -> str:
    """Everything in one Markdown document: the letter, a table of amounts, and per order what happened and evidence."""
    words = WORDS[language]
    zone = zone_of(time_zone)
    title = words.title.format(shop=_inline(pack.shop_name), marketplace=title_of(pack.marketplace))
    parts = [f"# {title}", _quoted(letter(pack, language, time_zone)), _table(pack, words, language, zone)]
    parts.append(f"{words.total}: **{pack.amount.plain()} {pack.currency}**")
    for order in pack.orders:
        if not order.order_no:
            continue
        parts.append(f"## {_inline(order.order_no)}")
        parts.append(f"### {words.timeline}\n\n{_timeline(order, words, zone)}")
        parts.append(f"### {words.evidence}\n\n{_evidence(order, words)}")
    if pack.left_out:
        named = "\n".join(f"- {_inline(about)}: {words.why.get(why, why)}" for about, why in pack.left_out)
        parts.append(f"## {words.left_out}\n\n{named}")
    return "\n\n".join(parts) + "\n"


def amount_cells(pack: DisputePack) -> list[list[Cell]]:
    """The rows of `AMOUNT_COLUMNS`, one per anomaly."""
    return [
        [
            anomaly.order_no,
            anomaly.statement_id,
            anomaly.kind.value,
            anomaly.fee,
            pack.currency,
            anomaly.expected,
            anomaly.paid,
            anomaly.difference,
            anomaly.why,
            facts_text(anomaly.args),
            anomaly.at,
        ]
        for order in pack.orders
        for anomaly in order.anomalies
    ]


def _table(pack: DisputePack, words: LetterWords, language: Language, zone: ZoneInfo) -> str:
    rows = [
        f"| {' | '.join(words.heads)} |",
        f"|{'|'.join(['---', '---', '---', '---:', '---:', '---:', '---'])}|",
    ]
    for order in pack.orders:
        for anomaly in order.anomalies:
            cells = (
                order.order_no or "-",
                anomaly.statement_id or "-",
                words.kinds[anomaly.kind],
                anomaly.expected.plain(),
                anomaly.paid.plain(),
                anomaly.difference.plain(),
                why_text(anomaly, language, zone),
            )
            rows.append(f"| {' | '.join(map(_inline, cells))} |")
    return "\n".join(rows)


def _timeline(order: DisputedOrder, words: LetterWords, zone: ZoneInfo) -> str:
    lines = []
    for event in order.timeline:
        when = datetime.fromtimestamp(event.at, zone).strftime("%Y-%m-%d %H:%M")
        what = words.events.get(event.what, event.what)
        detail = f": {_inline(event.detail)}" if event.detail else ""
        lines.append(f"- {when} {_inline(what)}{detail}")
    return "\n".join(lines) or words.none


def _evidence(order: DisputedOrder, words: LetterWords) -> str:
    lines = []
    for one in order.evidence:
        text = f"[{_inline(one.text)}](<{_address(one.link)}>)" if one.link else _inline(one.text)
        lines.append(f"- {words.events.get(one.what, one.what)}: {text}")
    return "\n".join(lines) or words.none


def _address(link: str) -> str:
    """A link that ends where it ends, whatever a marketplace gave."""
    return quote(link, safe=":/?#[]@!$&'()*+,;=%._~-")


def _quoted(text: str) -> str:
    return "\n".join(f"> {_inline(line)}".rstrip() for line in text.strip().splitlines())


def _inline(text: str) -> str:
    """A text as one piece of Markdown: nothing in it starts a table cell, a link, a heading or HTML."""
    flat = " ".join(text.split())
    for char in "\\`*_[]<>|#":
        flat = flat.replace(char, f"\\{char}")
    return flat
