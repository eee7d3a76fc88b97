"""The sentences that say why a clock shows its time: one per step, in English and Simplified Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from enum import StrEnum
from types import MappingProxyType

from shoptui.domain.calendar import Known, gap_sentence
from shoptui.domain.marketplaces import title_of
from shoptui.domain.rule_types import zone_of


class StepId(StrEnum):
    """What happened to the time in one step of an explanation; each has its own arguments.

    Times are `at` (epoch seconds), days ISO dates, `zone` an IANA name.
    """

    FIELD = "field"  # marketplace, field, at, zone
    HOUSE = "house"  # what, at, zone
    START = "start"  # moment, at, zone
    ASKED = "asked"  # at, zone
    REQUESTED = "requested"  # at, zone
    GOODS_BACK = "goods_back"  # at, zone
    ROBOTS_ANSWER = "robots_answer"
    PEOPLE_ANSWER = "people_answer"
    CASH_ON_DELIVERY = "cash_on_delivery"
    CUT_OFF = "cut_off"  # cut_off, day
    OPENS = "opens"  # day, region
    HOURS = "hours"  # count, at, zone
    CALENDAR_DAYS = "calendar_days"  # count, at, zone
    BUSINESS_DAYS = "business_days"  # count, region, at, zone
    CLOSED_DAYS = "closed_days"  # days: "2026-07-03 Independence Day, 2026-07-04"
    CALENDAR_GAP = "calendar_gap"  # region, year, known (some, none)
    EXTENDED = "extended"  # rule_id, count, unit, first_day, last_day, cities, at, zone
    EXTENSION_SOURCE = "extension_source"  # who, title, seen
    GONE = "gone"  # rule_id, thing (order, thread, return)
    MOVED = "moved"  # at, zone, thing
    NOT_STARTED = "not_started"  # moment


StepArgs = Mapping[str, str | int]

_WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WEEKDAYS_ZH = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
_MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_EN: Mapping[StepId, str] = MappingProxyType(
    {
        StepId.FIELD: "{marketplace} itself says {at} ({zone}), in {field}; its own field wins over any rule.",
        StepId.HOUSE: "Decided in this house ({what}): {at} ({zone}).",
        StepId.START: "Counted from {at} ({zone}), when the order was {moment}.",
        StepId.ASKED: "Counted from {at} ({zone}), the buyer's oldest message without an answer.",
        StepId.REQUESTED: "Counted from {at} ({zone}), when the buyer asked for it.",
        StepId.GOODS_BACK: "Counted from {at} ({zone}), when the goods were back.",
        StepId.ROBOTS_ANSWER: "An automatic answer stops it, too.",
        StepId.PEOPLE_ANSWER: "Only a person's answer stops it; an automatic one does not.",
        StepId.CASH_ON_DELIVERY: "Cash on delivery is paid last, so the order counts as paid when it was created.",
        StepId.CUT_OFF: "That is not before the cut-off at {cut_off}, so it counts as {day}.",
        StepId.OPENS: "That day is closed in {region}, so counting begins on {day}.",
        StepId.HOURS: "Plus {count} hours: {at}.",
        StepId.CALENDAR_DAYS: "Plus {count} calendar days: {at}.",
        StepId.BUSINESS_DAYS: "Plus {count} business days of {region}: {at}.",
        StepId.CLOSED_DAYS: "Not counted: {days}.",
        StepId.CALENDAR_GAP: "{gap}, so the real time may be later.",
        StepId.EXTENDED: "Plus {count} {unit} by {rule_id}{condition}: {at} ({zone}).",
        StepId.EXTENSION_SOURCE: "Source of that: {who}, {title}, seen {seen}.",
        StepId.GONE: (
            "The rule {rule_id} is no longer in the rule book; the time changes when the {thing} is next read."
        ),
        StepId.MOVED: "The rule book now gives {at} ({zone}); the clock changes when the {thing} is next read.",
        StepId.NOT_STARTED: "The order is not {moment} now, so the clock goes away when the order is next read.",
    }
)
_ZH: Mapping[StepId, str] = MappingProxyType(
    {
        StepId.FIELD: "{marketplace} 自己的字段 {field} 给出 {at}（{zone}）；平台字段优先于任何规则。",
        StepId.HOUSE: "本店自定（{what}）：{at}（{zone}）。",
        StepId.START: "从订单{moment}的时间 {at}（{zone}）起算。",
        StepId.ASKED: "从买家最早一条未回复消息的时间 {at}（{zone}）起算。",
        StepId.REQUESTED: "从买家提出申请的时间 {at}（{zone}）起算。",
        StepId.GOODS_BACK: "从退货到店的时间 {at}（{zone}）起算。",
        StepId.ROBOTS_ANSWER: "自动回复也算回复。",
        StepId.PEOPLE_ANSWER: "只有人工回复才算，自动回复不算。",
        StepId.CASH_ON_DELIVERY: "货到付款的订单最后才付款，因此以下单时间视为付款时间。",
        StepId.CUT_OFF: "已到截单时间 {cut_off}，因此算作 {day}。",
        StepId.OPENS: "当天在 {region} 休息，因此从 {day} 开始计算。",
        StepId.HOURS: "加 {count} 小时：{at}。",
        StepId.CALENDAR_DAYS: "加 {count} 个自然日：{at}。",
        StepId.BUSINESS_DAYS: "加 {count} 个工作日（{region}）：{at}。",
        StepId.CLOSED_DAYS: "不计入：{days}。",
        StepId.CALENDAR_GAP: "{gap}，实际时间可能更晚。",
        StepId.EXTENDED: "按 {rule_id}{condition}再加 {count} {unit}：{at}（{zone}）。",
        StepId.EXTENSION_SOURCE: "其来源：{who}，{title}，查阅于 {seen}。",
        StepId.GONE: "规则 {rule_id} 已不在规则库中；下次读取{thing}时会更新时间。",
        StepId.MOVED: "规则库现在给出 {at}（{zone}）；下次读取{thing}时会更新。",
        StepId.NOT_STARTED: "订单现在未{moment}，下次读取订单时会去掉此时限。",
    }
)
_ONE_EN: Mapping[StepId, str] = MappingProxyType(
    {
        StepId.HOURS: "Plus 1 hour: {at}.",
        StepId.CALENDAR_DAYS: "Plus 1 calendar day: {at}.",
        StepId.BUSINESS_DAYS: "Plus 1 business day of {region}: {at}.",
    }
)
# A count of no days at all: the day itself, when it is open.
_NONE_EN: Mapping[StepId, str] = MappingProxyType(
    {
        StepId.CALENDAR_DAYS: "Due on that day: {at}.",
        StepId.BUSINESS_DAYS: "Due on that day, or the next business day of {region}: {at}.",
    }
)
_NONE_ZH: Mapping[StepId, str] = MappingProxyType(
    {
        StepId.CALENDAR_DAYS: "当日截止：{at}。",
        StepId.BUSINESS_DAYS: "当日或 {region} 的下一个工作日截止：{at}。",
    }
)
_MOMENTS_EN = {"cancel_requested": "asked to be cancelled"}
_MOMENTS_ZH = {
    "created": "创建",
    "paid": "付款",
    "arranged": "安排发货",
    "collected": "揽收",
    "delivered": "送达",
    "cancel_requested": "被申请取消",
}
_THINGS_EN = {"order": "order", "thread": "conversation", "return": "return"}
_THINGS_ZH = {"order": "订单", "thread": "会话", "return": "退货申请"}
_UNITS_EN = {"hours": "hours", "calendar_days": "days", "business_days": "business days"}
_UNITS_ZH = {"hours": "小时", "calendar_days": "天", "business_days": "个工作日"}


def sentence(step: StepId, args: StepArgs, language: str) -> str:
    """The step as one sentence; `language` beginning with `zh` gives Chinese, anything else English."""
    chinese = language.lower().startswith("zh")
    zone = str(args.get("zone", "UTC"))
    words: dict[str, str] = {key: str(value) for key, value in args.items()}
    if "at" in args:
        words["at"] = _moment(int(args["at"]), zone, chinese)
    if step in (StepId.CUT_OFF, StepId.OPENS):
        words["day"] = _day(date.fromisoformat(str(args["day"])), chinese)
    if "marketplace" in args:
        words["marketplace"] = title_of(str(args["marketplace"]))
    if "moment" in args:
        moments = _MOMENTS_ZH if chinese else _MOMENTS_EN
        words["moment"] = moments.get(words["moment"], words["moment"])
    words["thing"] = (_THINGS_ZH if chinese else _THINGS_EN)[str(args.get("thing", "order"))]
    if step is StepId.CLOSED_DAYS:
        words["days"] = _closed(str(args["days"]), chinese)
    if step is StepId.CALENDAR_GAP:
        words["gap"] = _gap(args, chinese)
    if step is StepId.EXTENDED:
        words["unit"] = _unit(args, chinese)
        words["condition"] = _condition(args, chinese)
    count = args.get("count")
    if chinese:
        return ((_NONE_ZH.get(step) if count == 0 else None) or _ZH[step]).format_map(words)
    few = _NONE_EN if count == 0 else _ONE_EN if count == 1 else {}
    return few.get(step, _EN[step]).format_map(words)


def _moment(at: int, zone: str, chinese: bool) -> str:
    local = datetime.fromtimestamp(at, zone_of(zone))
    # Whole minutes read better, but a deadline at 23:59:59 must not look like a minute less than it is.
    shown = local.time().strftime("%H:%M") if local.second == 0 else local.time().isoformat()
    return f"{_day(local.date(), chinese)} {shown}"


def _day(day: date, chinese: bool) -> str:
    if chinese:
        return f"{day.isoformat()} {_WEEKDAYS_ZH[day.weekday()]}"
    return f"{_WEEKDAYS_EN[day.weekday()]} {day.day} {_MONTHS_EN[day.month - 1]} {day.year}"


def closed_days_argument(closed: tuple[tuple[date, str], ...]) -> str:
    """The `days` argument of a closed-days step: ISO dates, each followed by its holiday's name if it has one."""
    return "; ".join(f"{day.isoformat()} {name}".rstrip() for day, name in closed)


def _closed(days: str, chinese: bool) -> str:
    parts = []
    for entry in days.split("; "):
        iso, _, name = entry.partition(" ")
        shown = _day(date.fromisoformat(iso), chinese)
        parts.append(f"{shown} ({name})" if name else shown)
    return "、".join(parts) if chinese else ", ".join(parts)


def _gap(args: StepArgs, chinese: bool) -> str:
    year, region, known = int(args["year"]), str(args["region"]), Known(str(args["known"]))
    if chinese:
        return f"{region} {year} 年的节假日" + ("尚不完整" if known is Known.SOME else "未知")
    gap = gap_sentence(region, year, known)
    return gap[:1].upper() + gap[1:]


def _unit(args: StepArgs, chinese: bool) -> str:
    unit = (_UNITS_ZH if chinese else _UNITS_EN)[str(args["unit"])]
    return unit.removesuffix("s") if not chinese and args["count"] == 1 else unit


def _condition(args: StepArgs, chinese: bool) -> str:
    """Which orders an extension is for, as far as its dates and cities say."""
    first, last = str(args.get("first_day", "")), str(args.get("last_day", ""))
    cities = str(args.get("cities", ""))
    if chinese:
        dates = f"{first or '…'} 至 {last or '…'}" if first or last else ""
        inner = "，".join(part for part in (dates, f"发货地 {cities}" if cities else "") if part)
        return f"（{inner}）" if inner else " "
    dated_by = str(args.get("dated_by", "created"))
    dates = ""
    if first and last:
        dates = f"{dated_by} {first} to {last}" if first != last else f"{dated_by} on {first}"
    elif first:
        dates = f"{dated_by} from {first} on"
    elif last:
        dates = f"{dated_by} until {last}"
    inner = " and ".join(part for part in (dates, f"picked up in {cities}" if cities else "") if part)
    subject = {"asked": "conversations", "requested": "returns"}.get(dated_by, "orders")
    return f", for {subject} {inner}" if inner else ""


def plain_time(value: time) -> str:
    """`14:00`."""
    return value.strftime("%H:%M")
