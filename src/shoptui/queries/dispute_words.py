"""What a dispute's letter and document say, in the languages marketplaces are written to; not the cockpit's words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, tzinfo
from types import MappingProxyType

from shoptui.domain.anomalies import AMOUNT_FACTS, MOMENT_FACTS, PERCENT_FACTS, Anomaly, day_text, percent_text
from shoptui.domain.disputes import Language
from shoptui.domain.records import dataclass


@dataclass(frozen=True, slots=True)
class LetterWords:
    """All texts of one language. `why` has a sentence for each reason, by kind where one reason has several."""

    subject: str
    greeting: str
    opening: str
    order: str
    account: str
    closing: str
    thanks: str
    title: str
    heads: tuple[str, ...]
    timeline: str
    evidence: str
    left_out: str
    total: str
    none: str
    events: Mapping[str, str]
    kinds: Mapping[str, str]
    why: Mapping[str, str]


_ENGLISH = LetterWords(
    subject="Settlement differences of shop {shop} ({shop_id}), {count} orders, {amount} {currency}",
    greeting="Dear seller support team,",
    opening=(
        "Checking our orders and settlements we found differences in the orders below, {amount} {currency} in all. "
        "Please look into them and settle what is missing."
    ),
    order="Order {order}:",
    account="Charges to the account:",
    closing="The document enclosed has the amounts, the statements, what happened when, and what supports each point.",
    thanks="Kind regards,\n{shop}",
    title="Settlement differences: {shop}, {marketplace}",
    heads=("Order", "Statement", "What", "Expected", "Paid", "Difference", "Why"),
    timeline="What happened (local time of the shop)",
    evidence="Evidence",
    left_out="Left out",
    total="Total claimed",
    none="none",
    events=MappingProxyType(
        {
            "created": "order placed",
            "paid": "paid by the buyer",
            "arranged": "shipment arranged",
            "collected": "collected by the carrier",
            "delivered": "delivered",
            "cancelled": "cancelled",
            "cancel_requested": "buyer asked to cancel",
            "carrier": "carrier",
            "settled": "settled",
            "parcel": "parcel",
            "weight": "weight",
            "label": "label copy",
            "return": "return",
            "status": "status",
            "picture": "buyer's picture",
            "back": "parcel back",
            "check": "found in the parcel",
        }
    ),
    kinds=MappingProxyType(
        {
            "order_loss": "loss on the order",
            "return_loss": "loss by the return",
            "fee_rate": "fee rate",
            "shipping_over_quote": "shipping above quote",
            "never_settled": "never settled",
            "settled_twice": "settled twice",
            "refund_without_return": "refund without return",
            "amount_differs": "amount differs",
            "unknown_fee": "unknown fee",
            "fee_missing": "fee missing",
        }
    ),
    why=MappingProxyType(
        {
            "rate_differs": "{fee}: {taken} % was taken, our terms say {book} %.",
            "over_quote": "{quote} was quoted for carriage when the order was placed.",
            "not_settled": "The order has been {status} since {since}, its money was due {due}, no statement has it.",
            "settled_again": "The order was settled {times} times.",
            "no_return": "Money was paid back although no return or refund was ever asked for.",
            "return_refused": "Money was paid back although the request was refused or withdrawn.",
            "refunded_twice": "The same refund was taken from us twice.",
            "more_than_asked": "More was paid back than the buyer was to get ({asked}).",
            "goods_differ": "Less was settled for the goods than they were sold for.",
            "payout_differs": "The lines of the statement add up to {lines}, the payout is {payout}.",
            "no_rule": "“{fee}” was charged; our terms know no such charge.",
            "fee_missing": "No {fee} was taken; our terms say {book} %.",
            "parcel_lost": "The parcel was lost on its way to the buyer.",
            "parcel_damaged": "The goods were damaged on their way to the buyer.",
            "not_paid": "The order was delivered, and we have not been paid for it.",
            "goods_not_back": "The buyer was refunded, and the goods have not come back to us.",
            "not_as_sent": "The goods came back to us otherwise than they were sent.",
            "unfounded": "The buyer's request is unfounded by what we know of the order.",
            "in_dispute": "in dispute already",
            "no_loss": "no money is missing",
        }
    ),
)

_CHINESE = LetterWords(
    subject="店铺 {shop}（{shop_id}）结算差异，{count} 个订单，共 {amount} {currency}",
    greeting="您好：",
    opening="我们核对订单和结算时发现下列订单存在差异，合计 {amount} {currency}，请核查并补发少结的款项。",
    order="订单 {order}：",
    account="账户扣款：",
    closing="附件中列有金额、结算单、时间经过以及各项证据。",
    thanks="谢谢！\n{shop}",
    title="结算差异：{shop}，{marketplace}",
    heads=("订单", "结算单", "项目", "应付", "实付", "差额", "原因"),
    timeline="时间经过（店铺当地时间）",
    evidence="证据",
    left_out="未列入",
    total="申诉总额",
    none="无",
    events=MappingProxyType(
        {
            "created": "下单",
            "paid": "买家付款",
            "arranged": "安排发货",
            "collected": "物流揽收",
            "delivered": "签收",
            "cancelled": "取消",
            "cancel_requested": "买家申请取消",
            "carrier": "物流",
            "settled": "结算",
            "parcel": "包裹",
            "weight": "重量",
            "label": "面单副本",
            "return": "退货",
            "status": "状态",
            "picture": "买家图片",
            "back": "退回包裹",
            "check": "开箱检查",
        }
    ),
    kinds=MappingProxyType(
        {
            "order_loss": "订单损失",
            "return_loss": "退货损失",
            "fee_rate": "费率不符",
            "shipping_over_quote": "运费超出报价",
            "never_settled": "未结算",
            "settled_twice": "重复结算",
            "refund_without_return": "无退货的退款",
            "amount_differs": "金额不符",
            "unknown_fee": "不明费用",
            "fee_missing": "费用未收",
        }
    ),
    why=MappingProxyType(
        {
            "rate_differs": "{fee}：实收 {taken}%，约定为 {book}%。",
            "over_quote": "下单时的运费报价为 {quote}。",
            "not_settled": "订单自 {since} 起{status}，货款应于 {due} 结算，但没有出现在任何结算单中。",
            "settled_again": "该订单被结算了 {times} 次。",
            "no_return": "买家从未申请退货或退款，却扣除了退款。",
            "return_refused": "退款申请已被拒绝或撤回，却扣除了退款。",
            "refunded_twice": "同一笔退款被扣除了两次。",
            "more_than_asked": "扣除的退款超过应退金额（{asked}）。",
            "goods_differ": "货款结算金额低于成交金额。",
            "payout_differs": "结算明细合计 {lines}，实际付款 {payout}。",
            "no_rule": "扣除了“{fee}”，约定中没有这项费用。",
            "fee_missing": "没有收取 {fee}，约定为 {book}%。",
            "parcel_lost": "包裹在送往买家途中丢失。",
            "parcel_damaged": "商品在送往买家途中损坏。",
            "not_paid": "订单已签收，但我们没有收到货款。",
            "goods_not_back": "已向买家退款，但商品没有退回。",
            "not_as_sent": "退回的商品与发出时不符。",
            "unfounded": "根据订单情况，买家的申请没有依据。",
            "in_dispute": "已在申诉中",
            "no_loss": "没有少结款项",
        }
    ),
)

WORDS: Mapping[Language, LetterWords] = MappingProxyType({Language.ENGLISH: _ENGLISH, Language.CHINESE: _CHINESE})


#: Words of facts in Chinese letters; in English ones they are as they are called here.
_IN_CHINESE: Mapping[str, str] = MappingProxyType(
    {
        "completed": "已完成",
        "delivered": "已签收",
        "commission": "佣金",
        "payment_fee": "支付手续费",
        "service_fee": "服务费",
        "affiliate": "联盟佣金",
        "marketing": "营销费",
        "shipping": "运费",
        "shipping_back": "退货运费",
        "tax": "税费",
        "other": "其他费用",
    }
)


def why_text(anomaly: Anomaly, language: Language, zone: tzinfo = UTC) -> str:
    """Why something does not agree, as the marketplace is told; the reason's id where no sentence is known.

    Days are those of `zone`.
    """
    sentence = WORDS[language].why.get(anomaly.why)
    if sentence is None:
        return anomaly.why
    facts = _Facts(fee=_called(anomaly.fee, language), due=day_text(str(anomaly.at), zone))
    for name, value in anomaly.args:
        if name in AMOUNT_FACTS:
            value = f"{value} {anomaly.paid.currency}"
        elif name in PERCENT_FACTS:
            value = percent_text(value)
        elif name in MOMENT_FACTS:
            value = day_text(value, zone)
        elif name == "status":
            value = _called(value, language)
        facts[name] = value
    return sentence.format_map(facts)


def _called(word: str, language: Language) -> str:
    return _IN_CHINESE.get(word, word) if language is Language.CHINESE else word.replace("_", " ")


class _Facts(dict[str, str]):
    """What a sentence asks for and an anomaly does not say stays open."""

    def __missing__(self, name: str) -> str:
        return "?"
