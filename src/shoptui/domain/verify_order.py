"""Checks what one order was settled for against what was sold, the fee rules of its day and its returns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from shoptui.domain.anomalies import Anomaly, AnomalyKind, Booked, Known, Terms, anomaly_of
from shoptui.domain.fee_rules import FeeBase, FeeRule
from shoptui.domain.finance import FeeKind, Statement
from shoptui.domain.money import Money
from shoptui.domain.orders import Status

#: Kinds of fee that need a rule: taken without one they are unknown.
_NEED_A_RULE = (
    FeeKind.COMMISSION,
    FeeKind.PAYMENT_FEE,
    FeeKind.SERVICE_FEE,
    FeeKind.AFFILIATE,
    FeeKind.MARKETING,
    FeeKind.SHIPPING_BACK,
    FeeKind.TAX,
    FeeKind.OTHER,
)
#: Every sale pays these; other fees depend on programmes a store may not be in.
_OF_EVERY_SALE = (FeeKind.COMMISSION, FeeKind.PAYMENT_FEE)
#: What comes in by a sale.
_OF_SALE = (
    FeeKind.ITEM,
    FeeKind.SELLER_DISCOUNT,
    FeeKind.PLATFORM_DISCOUNT,
    FeeKind.SHIPPING_BUYER,
    FeeKind.SHIPPING_SUBSIDY,
)
_OF_REFUNDS = frozenset({FeeKind.REFUND, FeeKind.SHIPPING_BACK})
#: Money paid back for these orders needs no return.
_NOT_DELIVERED = frozenset({Status.CANCELLED, Status.RETURNING, Status.LOST, Status.DELIVERY_FAILED})


class Sums:
    """Lines added up by kind: `taken` what is below zero, `given` what is above, `net` all, `goods` what was sold."""

    __slots__ = ("given", "goods", "net", "taken")

    def __init__(self, lines: Iterable[Booked]) -> None:
        self.taken: dict[FeeKind, int] = {}
        self.given: dict[FeeKind, int] = {}
        self.net = 0
        for line in lines:
            self.net += line.net
            for kind, minor, _ in line.parts:
                side = self.taken if minor < 0 else self.given
                side[kind] = side.get(kind, 0) + minor
        self.goods = self.of(FeeKind.ITEM) + self.of(FeeKind.SELLER_DISCOUNT)

    def of(self, kind: FeeKind) -> int:
        return self.taken.get(kind, 0) + self.given.get(kind, 0)

    @property
    def sale(self) -> int:
        """What the sale itself brought: without refunds, and without fees that were given back for them."""
        came_in = sum(self.given.get(kind, 0) for kind in _OF_SALE)
        return came_in + sum(minor for kind, minor in self.taken.items() if kind not in _OF_REFUNDS)


class OrderCheck:
    """One order of a statement. Only what this statement itself books is blamed on it."""

    def __init__(
        self, terms: Terms, statement: Statement, order_no: str, lines: Sequence[Booked], known: Known
    ) -> None:
        self._statement = statement
        self._order_no = order_no
        self._lines = lines
        self._known = known
        self._currency = statement.payout.currency
        self.own = Sums(lines)
        self._all = Sums((*known.earlier, *lines)) if known.earlier else self.own
        self._at = lines[0].at
        sold = known.sold
        self._fees, rule = terms.at(self._at if sold is None else sold.created_at)
        self._slack = rule.tolerance_minor if rule is not None else 0
        self._price = sold.price if sold is not None and sold.currency == self._currency else None
        self._times = 1
        self._bases_told: dict[FeeBase, list[int]] = {}

    def run(self) -> list[Anomaly]:
        found: list[Anomaly] = []
        self._settled_twice(found)
        self._amount(found)
        self._fee_rates(found)
        self._fees_missing(found)
        self._shipping(found)
        self._refund(found)
        return found

    def _say(
        self,
        found: list[Anomaly],
        kind: AnomalyKind,
        expected: int,
        paid: int,
        why: str,
        *args: tuple[str, str],
        fee: str = "",
    ) -> None:
        found.append(
            anomaly_of(
                self._statement,
                kind,
                self._order_no,
                Money(expected, self._currency),
                Money(paid, self._currency),
                why,
                args,
                self._at,
                fee,
            )
        )

    def _settled_twice(self, found: list[Anomaly]) -> None:
        if FeeKind.ITEM not in self.own.given:
            return
        if len(self._lines) == 1 and not self._known.earlier:
            # One line alone repeats nothing.
            return
        earlier = _entries(self._known.earlier)
        repeated = surplus = 0
        for key, (count, minor) in _entries(self._lines).items():
            line_id, sku, quantity, _ = key
            if self._price is None and not line_id and sku:
                # Two lines of one SKU may be two lines of an order nobody knows here.
                continue
            once = max(self._units_of(sku) // max(quantity, 1), 1) if sku and not line_id else 1
            again = min(count, count + earlier.get(key, (0, 0))[0] - once)
            if again > 0:
                repeated = max(repeated, again // once)
                surplus += again * minor
        if not repeated:
            return
        times = repeated + 1
        goods = sum(minor * count for count, minor in _entries((*self._known.earlier, *self._lines)).values())
        # Where everything was settled so often, the seller's discounts were as well, in rows of their own or not.
        is_whole = surplus * times == goods * repeated
        once = self._all.goods // times if is_whole else self._all.goods - surplus
        if self._price is not None and once < self._price - self._slack:
            # Without what looks repeated less would be settled than was sold.
            return
        sale_net = self._all.sale
        excess = sale_net - sale_net // times if is_whole else surplus
        self._times = times
        paid = self.own.net
        self._say(found, AnomalyKind.SETTLED_TWICE, paid - excess, paid, "settled_again", ("times", str(times)))

    def _amount(self, found: list[Anomaly]) -> None:
        """Fewer goods were settled than were sold. More is no loss: marketplaces pay their own discounts on top."""
        price = self._price
        if price is None or FeeKind.ITEM not in self.own.given or FeeKind.REFUND in self._all.taken:
            return
        settled = self._all.goods // self._times
        if settled < price - self._slack:
            self._say(found, AnomalyKind.AMOUNT_DIFFERS, price, settled, "goods_differ")

    def _fee_rates(self, found: list[Anomaly]) -> None:
        if not self._fees:
            return
        for kind in _NEED_A_RULE:
            if kind not in self.own.taken:
                continue
            taken = -self._all.taken[kind]
            rule = self._fees.get(kind)
            if rule is None:
                name = self._raw(kind)
                self._say(found, AnomalyKind.UNKNOWN_FEE, 0, -taken, "no_rule", ("fee", name), fee=kind)
                continue
            if rule.varies:
                continue
            first: tuple[int, int] | None = None
            for base in self._bases(rule.base):
                expected = self._times * rule.expected(base // self._times, self._currency)
                if rule.agrees(expected, taken):
                    break
                first = first or (base, expected)
            else:
                if first is not None:
                    self._rate_differs(found, kind, rule, taken, *first)

    def _fees_missing(self, found: list[Anomaly]) -> None:
        """A fee of every sale was not taken, nor by a later statement. That is in the store's favour, and may be taken
        yet; whether what was taken later is right, the statement says that took it."""
        all_of_it = FeeKind.ITEM in self.own.given and not self._known.earlier and self._times == 1
        if not all_of_it or FeeKind.REFUND in self._all.taken:
            return
        taken_later = {kind for line in self._known.later for kind, minor, _ in line.parts if minor < 0}
        for kind in _OF_EVERY_SALE:
            rule = self._fees.get(kind)
            if rule is None or rule.varies or kind in self._all.taken or kind in taken_later:
                continue
            due = [rule.expected(base, self._currency) for base in self._bases(rule.base)]
            if due and not any(rule.agrees(amount, 0) for amount in due):
                args = (("rule", rule.rule_id), ("book", rule.percent.text))
                self._say(found, AnomalyKind.FEE_MISSING, -due[0], 0, "fee_missing", *args, fee=kind)

    def _rate_differs(
        self, found: list[Anomaly], kind: FeeKind, rule: FeeRule, taken: int, base: int, expected: int
    ) -> None:
        args = [("rule", rule.rule_id), ("book", rule.percent.text)]
        if rule.base is not FeeBase.ORDER and base > 0:
            args.append(("taken", _percent_text(taken, base)))
        self._say(found, AnomalyKind.FEE_RATE, -expected, -taken, "rate_differs", *args, fee=kind)

    def _bases(self, base: FeeBase) -> Sequence[int]:
        """What the percentage may have been taken of: the usual one first. None where that cannot be told.

        Where a refund is in the same settlement, the fee may be of what was left.
        """
        found = self._bases_told.get(base)
        if found is None:
            found = self._bases_of_sale(base)
            if base in (FeeBase.GOODS, FeeBase.PAID) and (refunded := self._all.of(FeeKind.REFUND)):
                found = [each for one in found for each in (one, one + refunded)]
            self._bases_told[base] = found
        return found

    def _bases_of_sale(self, base: FeeBase) -> list[int]:
        sums, sold = self._all, self._known.sold
        match base:
            case FeeBase.ORDER:
                return [0]
            case FeeBase.CARRIAGE:
                return [self._carriage()]
            case FeeBase.GOODS:
                return [sums.goods] if FeeKind.ITEM in sums.given else []
            case FeeBase.PAID:
                buyer = sums.of(FeeKind.SHIPPING_BUYER)
                found = []
                if sold is not None and self._price is not None:
                    # A total may be of the order as it was placed; units cancelled later are not in the open lines.
                    found += [sold.total * self._times, self._price * self._times + buyer]
                if FeeKind.ITEM in sums.given:
                    found.append(sums.goods + min(sums.of(FeeKind.PLATFORM_DISCOUNT), 0) + buyer)
                return found

    def _carriage(self) -> int:
        if self._known.quote_minor is not None:
            return self._known.quote_minor * self._times
        return self._all.of(FeeKind.SHIPPING_BUYER) + self._all.of(FeeKind.SHIPPING_SUBSIDY)

    def _shipping(self, found: list[Anomaly]) -> None:
        rule = self._fees.get(FeeKind.SHIPPING)
        if rule is None or rule.varies or FeeKind.SHIPPING not in self.own.taken:
            return
        carriage = self._carriage()
        taken = -self._all.of(FeeKind.SHIPPING)
        if carriage <= 0:
            # Nobody says what was quoted.
            return
        expected = rule.expected(carriage, self._currency)
        if taken <= expected or rule.agrees(expected, taken):
            return
        args = [("quote", Money(expected // self._times, self._currency).plain())]
        weights = self._known.sold.weights_g if self._known.sold is not None else ()
        if weights:
            args.append(("weight_g", str(sum(weights))))
        self._say(found, AnomalyKind.SHIPPING_OVER_QUOTE, -expected, -taken, "over_quote", *args)

    def _refund(self, found: list[Anomaly]) -> None:
        returns, sold = self._known.returns, self._known.sold
        if returns is None or FeeKind.REFUND not in self.own.taken:
            return
        if sold is not None and sold.status in _NOT_DELIVERED:
            return
        paid, own = self._all.of(FeeKind.REFUND), self.own.of(FeeKind.REFUND)
        allowed = [one for one in returns if one.allowed]
        if not allowed:
            why = "return_refused" if returns else "no_return"
            if not _refunds(self._lines).keys().isdisjoint(_refunds(self._known.earlier)):
                why = "refunded_twice"
            self._say(found, AnomalyKind.REFUND_WITHOUT_RETURN, 0, own, why)
            return
        again = self._refunded_again(len(allowed))
        if again:
            self._say(found, AnomalyKind.REFUND_WITHOUT_RETURN, own + again, own, "refunded_twice")
            return
        most = sum(one.value_minor for one in allowed)
        carriage = self._all.of(FeeKind.SHIPPING_BUYER)
        if -paid > most + carriage + self._slack:
            args = (("asked", Money(most, self._currency).plain()),)
            # What earlier statements paid beyond it was found in them.
            beyond = -paid - most - max(own - paid - most, 0)
            self._say(found, AnomalyKind.REFUND_WITHOUT_RETURN, own + beyond, own, "more_than_asked", *args)

    def _refunded_again(self, admitted: int) -> int:
        """How much this statement paid back by refunds that repeat an earlier one; 0 when none does."""
        here, before = _refunds(self._lines), _refunds(self._known.earlier)
        again = 0
        for key, count in here.items():
            return_id, order_line_id, sku, minor = key
            # A refund that names its return or its line happens once; others as often as there are returns.
            once = 1
            if not return_id and not order_line_id:
                once = max(admitted, self._units_of(sku) if sku else 1)
            again += max(min(count, count + before.get(key, 0) - once), 0) * -minor
        return again

    def _units_of(self, sku: str) -> int:
        """How many units of a SKU were sold, all of the order's where none has that SKU; at least 1."""
        lines = self._known.sold.units if self._known.sold is not None else ()
        units = sum(quantity for sku_id, own, quantity in lines if sku in (sku_id, own))
        return max(units or sum(quantity for _, _, quantity in lines), 1)

    def _raw(self, kind: FeeKind) -> str:
        for line in self._lines:
            for each, minor, raw in line.parts:
                if each is kind and minor < 0:
                    return raw or line.raw_kind or kind.value
        return kind.value


def _entries(lines: Iterable[Booked]) -> dict[tuple[str, str, int, int], tuple[int, int]]:
    """Settled goods by (order line, SKU, quantity, amount): how often, and the amount less the seller's discount."""
    found: dict[tuple[str, str, int, int], tuple[int, int]] = {}
    for line in lines:
        item = sum(minor for kind, minor, _ in line.parts if kind is FeeKind.ITEM)
        if item > 0:
            discount = sum(minor for kind, minor, _ in line.parts if kind is FeeKind.SELLER_DISCOUNT)
            key = (line.order_line_id, line.sku, line.quantity, item)
            count, _ = found.get(key, (0, 0))
            found[key] = (count + 1, item + discount)
    return found


def _refunds(lines: Iterable[Booked]) -> dict[tuple[str, str, str, int], int]:
    """How often the same was paid back, by return, order line, SKU and amount."""
    counts: dict[tuple[str, str, str, int], int] = {}
    for line in lines:
        refund = sum(minor for kind, minor, _ in line.parts if kind is FeeKind.REFUND)
        if refund < 0:
            key = (line.return_id, line.order_line_id, line.sku, refund)
            counts[key] = counts.get(key, 0) + 1
    return counts


def _percent_text(part: int, whole: int) -> str:
    """A share in percent with at most two decimals, cut to what a screen needs."""
    hundredths = (part * 20_000 + whole) // (2 * whole)
    text = f"{hundredths // 100}.{hundredths % 100:02d}"
    return text.rstrip("0").rstrip(".")
