"""The verbs' own arguments: what each needs beside its target, checked once, and read from and written to JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType

from shoptui.domain.intents import ShipChoice, TargetKind, Verb
from shoptui.domain.records import dataclass
from shoptui.domain.returns import ReturnAnswer
from shoptui.domain.stock import StockChange

#: Ways a parcel can be handed over (TikTok Shop, fulfilment 6.4; Shopee, logistics 6.4).
HANDOVER_METHODS = ("PICKUP", "DROP_OFF")
#: The shortest and longest tracking number any marketplace takes (TikTok Shop, fulfilment 6.8; Shopee, 6.4).
TRACKING_MIN, TRACKING_MAX = 4, 64
#: The longest note a person writes; marketplaces with less refuse by themselves and say so.
NOTE_MAX = 500
#: The longest comment with an answer to a return; a marketplace that takes less says so before sending.
COMMENT_MAX = 1000
#: The largest count anything is told in; marketplaces take far less and columns of 64 bits more.
COUNT_MAX = 10**15
#: The longest text of any other argument.
_TEXT_MAX = 255
_CHANGE_FIELDS = frozenset({"shows", "seen", "reserve", "pool"})
#: The longest reply that is looked at; what a marketplace takes is less, and its chat says how much.
REPLY_MAX = 8000


class BadArguments(ValueError):
    """The verb's arguments make no sense; the message says which and what they may be."""


class DocumentKind(StrEnum):
    """What can be printed for a parcel. The marketplace decides which of them it offers."""

    LABEL = "label"
    PACKING_SLIP = "packing_slip"
    LABEL_AND_SLIP = "label_and_slip"
    LABEL_PICTURE = "label_picture"
    INVOICE = "invoice"
    HAZMAT = "hazmat"


@dataclass(frozen=True, slots=True)
class OwnShipping:
    """A parcel that goes with the seller's own carrier. `provider_id` is the marketplace's, "" where it has none."""

    tracking_number: str
    provider_id: str = ""
    provider_name: str = ""


@dataclass(frozen=True, slots=True)
class CancelChoice:
    """A seller's cancellation: the marketplace's own reason, and which lines; no lines means the whole order."""

    reason_id: str
    reason: str = ""
    line_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CancelAnswer:
    """The answer to a buyer who asked to cancel. `reason_id` is the marketplace's own, "" where it wants none."""

    accept: bool
    reason_id: str = ""
    comment: str = ""


@dataclass(frozen=True, slots=True)
class SellerNote:
    """A note for the marketplace's own seller note field; "" empties it."""

    text: str


@dataclass(frozen=True, slots=True)
class SplitChoice:
    """How an order's lines go into parcels: one group of line ids per parcel, at least two."""

    groups: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class CombineChoice:
    """Which other packages of the same buyer go into the target's parcel."""

    package_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DocumentChoice:
    """Which document of a parcel to fetch; `size` is such as `A6`, "" for the marketplace's usual one."""

    kind: DocumentKind = DocumentKind.LABEL
    size: str = ""


@dataclass(frozen=True, slots=True)
class PrintChoice:
    """Which stored document goes to which printer. `reason` is due for a second print of the same label."""

    printer: str
    document: DocumentChoice = DocumentChoice()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ReplyText:
    """A message to the buyer of a conversation, as it shall be read.

    `after_message_id` is the newest message its writer had seen, "" in a conversation without any. `template` names the
    quick reply it was made from, "" for words of its writer's own; `automatic` marks what no person wrote.
    """

    text: str
    after_message_id: str
    template: str = ""
    automatic: bool = False


@dataclass(frozen=True, slots=True)
class ReadMark:
    """A conversation was read up to this message."""

    last_message_id: str


@dataclass(frozen=True, slots=True)
class ReturnDecision:
    """The answer to a buyer's return or refund request.

    `reason_id` is the marketplace's own, "" where it wants none; `pictures` are addresses the marketplace gave for
    uploaded ones. `offer_minor` is the part of the money that is offered, in the request's currency; None otherwise.
    """

    answer: ReturnAnswer
    reason_id: str = ""
    reason: str = ""
    comment: str = ""
    pictures: tuple[str, ...] = ()
    offer_minor: int | None = None


VerbArgs = (
    ShipChoice
    | OwnShipping
    | CancelChoice
    | CancelAnswer
    | SellerNote
    | SplitChoice
    | CombineChoice
    | DocumentChoice
    | PrintChoice
    | ReplyText
    | ReadMark
    | ReturnDecision
    | StockChange
)

#: What each verb acts on.
TARGETS: Mapping[Verb, TargetKind] = MappingProxyType(
    {
        Verb.SHIP: TargetKind.PACKAGE,
        Verb.SHIP_OWN: TargetKind.PACKAGE,
        Verb.CHANGE_TRACKING: TargetKind.PACKAGE,
        Verb.CANCEL: TargetKind.ORDER,
        Verb.ANSWER_CANCEL: TargetKind.ORDER,
        Verb.NOTE: TargetKind.ORDER,
        Verb.SPLIT: TargetKind.ORDER,
        Verb.COMBINE: TargetKind.PACKAGE,
        Verb.LABEL: TargetKind.PACKAGE,
        Verb.PRINT: TargetKind.PACKAGE,
        Verb.REPLY: TargetKind.THREAD,
        Verb.MARK_READ: TargetKind.THREAD,
        Verb.ANSWER_RETURN: TargetKind.RETURN,
        Verb.SET_STOCK: TargetKind.LISTING,
    }
)
#: The verbs that need no order: they act on something that may be about one, or about none.
ORDERLESS_VERBS = frozenset(
    verb for verb, kind in TARGETS.items() if kind not in {TargetKind.ORDER, TargetKind.PACKAGE}
)
#: The verbs that act on a conversation, whether or not there is an order it is about.
THREAD_VERBS = frozenset(verb for verb, kind in TARGETS.items() if kind is TargetKind.THREAD)


def read_args(verb: Verb, arguments: Mapping[str, object]) -> VerbArgs:
    """The verb's arguments from JSON. Raises BadArguments with a sentence for whoever sent them."""
    # A push of thousands reads each one's several times on its way.
    if verb is Verb.SET_STOCK and (change := _plain_change(arguments)) is not None:
        return change
    return _READERS[verb](_Fields(verb, arguments))


def write_args(args: VerbArgs) -> dict[str, object]:
    """The arguments as JSON, without what is left at its default; `read_args` takes them back."""
    match args:
        case ShipChoice():
            found: dict[str, object] = {
                "method": args.method,
                "slot_start_at": args.slot_start_at,
                "slot_end_at": args.slot_end_at,
            }
        case OwnShipping():
            found = {
                "tracking_number": args.tracking_number,
                "provider_id": args.provider_id,
                "provider_name": args.provider_name,
            }
        case CancelChoice():
            found = {"reason_id": args.reason_id, "reason": args.reason, "line_ids": list(args.line_ids)}
        case CancelAnswer():
            found = {"accept": args.accept, "reason_id": args.reason_id, "comment": args.comment}
        case SellerNote():
            return {"text": args.text}
        case SplitChoice():
            found = {"groups": [list(group) for group in args.groups]}
        case CombineChoice():
            found = {"package_ids": list(args.package_ids)}
        case DocumentChoice():
            found = {"document": args.kind.value, "size": args.size}
        case PrintChoice():
            found = {
                "printer": args.printer,
                "document": args.document.kind.value,
                "size": args.document.size,
                "reason": args.reason,
            }
        case ReplyText():
            found = {
                "text": args.text,
                "after_message_id": args.after_message_id,
                "template": args.template,
                "automatic": args.automatic or None,
            }
        case ReadMark():
            found = {"last_message_id": args.last_message_id}
        case ReturnDecision():
            found = {
                "answer": args.answer.value,
                "reason_id": args.reason_id,
                "reason": args.reason,
                "comment": args.comment,
                "pictures": list(args.pictures),
                "offer_minor": args.offer_minor,
            }
        case StockChange():
            found = {"shows": args.shows, "seen": args.seen, "reserve": args.reserve or None, "pool": args.pool}
    return {key: value for key, value in found.items() if value not in (None, "", [])}


def check_tracking(number: str) -> str:
    """The tracking number without blanks around it. Raises BadArguments for what no carrier would give."""
    clean = number.strip()
    if not TRACKING_MIN <= len(clean) <= TRACKING_MAX:
        raise BadArguments(f"A tracking number has {TRACKING_MIN} to {TRACKING_MAX} characters; {clean!r} has not.")
    if not all(c.isascii() and (c.isalnum() or c in "-_./") for c in clean):
        raise BadArguments(f"A tracking number has only letters, digits and - _ . /; {clean!r} has others.")
    return clean


class _Fields:
    """One verb's raw arguments; every reader takes what it knows, `done` refuses the rest."""

    def __init__(self, verb: Verb, arguments: Mapping[str, object]) -> None:
        self._verb = verb
        self._left = dict(arguments)
        self._known: list[str] = []

    def text(self, key: str, *, required: bool = False, most: int = _TEXT_MAX) -> str:
        value = self._take(key)
        if value is None:
            value = ""
        if not isinstance(value, str):
            raise BadArguments(f"{key} must be text.")
        if required and not value.strip():
            raise BadArguments(f"{self._verb.value} needs {key}.")
        if len(value) > most:
            raise BadArguments(f"{key} may have at most {most} characters; it has {len(value)}.")
        return value

    def moment(self, key: str) -> int | None:
        value = self._take(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
            raise BadArguments(f"{key} must be epoch seconds.")
        return value

    def count(self, key: str, *, required: bool = False) -> int | None:
        value = self._take(key)
        if value is None and not required:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= COUNT_MAX:
            raise BadArguments(f"{self._verb.value} needs {key}: a whole number from 0 to {COUNT_MAX}.")
        return value

    def flag(self, key: str, default: bool | None = None) -> bool:
        value = self._take(key)
        value = default if value is None else value
        if not isinstance(value, bool):
            raise BadArguments(f"{self._verb.value} needs {key}: true or false.")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self._take(key)
        return () if value is None else _texts(key, value)

    def groups(self, key: str) -> tuple[tuple[str, ...], ...]:
        value = self._take(key)
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise BadArguments(f"{self._verb.value} needs {key}: a list of lists of ids.")
        return tuple(_texts(key, group) for group in value)

    def kind(self) -> DocumentKind:
        word = self.text("document") or DocumentKind.LABEL.value
        try:
            return DocumentKind(word)
        except ValueError as error:
            known = ", ".join(kind.value for kind in DocumentKind)
            raise BadArguments(f"document must be one of {known}; it is {word!r}.") from error

    def done(self) -> None:
        if self._left:
            unknown = sorted(self._left)[0]
            raise BadArguments(f"{self._verb.value} knows no argument {unknown}; it takes {', '.join(self._known)}.")

    def _take(self, key: str) -> object:
        self._known.append(key)
        return self._left.pop(key, None)


def _texts(key: str, value: object) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, Sequence) or not all(isinstance(one, str) for one in value):
        raise BadArguments(f"{key} must be a list of ids.")
    return tuple(value)


def _ship(fields: _Fields) -> ShipChoice:
    method = fields.text("method") or None
    start, end = fields.moment("slot_start_at"), fields.moment("slot_end_at")
    fields.done()
    if method is not None and method not in HANDOVER_METHODS:
        raise BadArguments("method must be PICKUP or DROP_OFF, or be left out.")
    if (start is None) != (end is None):
        raise BadArguments("A pick-up slot needs both slot_start_at and slot_end_at.")
    if start is not None and end is not None and end <= start:
        raise BadArguments("A pick-up slot must end after it starts.")
    if start is not None and method == "DROP_OFF":
        raise BadArguments("A pick-up slot makes no sense with method DROP_OFF.")
    return ShipChoice(method, start, end)


def _own_shipping(fields: _Fields) -> OwnShipping:
    number = check_tracking(fields.text("tracking_number", required=True))
    found = OwnShipping(number, fields.text("provider_id"), fields.text("provider_name"))
    fields.done()
    return found


def _cancel(fields: _Fields) -> CancelChoice:
    found = CancelChoice(fields.text("reason_id", required=True), fields.text("reason"), fields.texts("line_ids"))
    fields.done()
    return found


def _answer_cancel(fields: _Fields) -> CancelAnswer:
    found = CancelAnswer(fields.flag("accept"), fields.text("reason_id"), fields.text("comment", most=NOTE_MAX))
    fields.done()
    return found


def _note(fields: _Fields) -> SellerNote:
    found = SellerNote(fields.text("text", most=NOTE_MAX))
    fields.done()
    return found


def _split(fields: _Fields) -> SplitChoice:
    groups = fields.groups("groups")
    fields.done()
    ids = [line_id for group in groups for line_id in group]
    if len(groups) < 2 or not all(groups):
        raise BadArguments("A split needs at least two groups, each with at least one line.")
    if len(set(ids)) != len(ids):
        raise BadArguments("A line can be in one group only.")
    return SplitChoice(groups)


def _combine(fields: _Fields) -> CombineChoice:
    package_ids = fields.texts("package_ids")
    fields.done()
    if not package_ids or len(set(package_ids)) != len(package_ids):
        raise BadArguments("combine needs package_ids: the other packages, each once.")
    return CombineChoice(package_ids)


def _document(fields: _Fields) -> DocumentChoice:
    found = DocumentChoice(fields.kind(), fields.text("size"))
    fields.done()
    return found


def _print(fields: _Fields) -> PrintChoice:
    printer = fields.text("printer", required=True)
    document = DocumentChoice(fields.kind(), fields.text("size"))
    found = PrintChoice(printer, document, fields.text("reason"))
    fields.done()
    return found


def _reply(fields: _Fields) -> ReplyText:
    words = fields.text("text", required=True, most=REPLY_MAX)
    found = ReplyText(
        words, fields.text("after_message_id"), fields.text("template"), fields.flag("automatic", default=False)
    )
    fields.done()
    return found


def _read_mark(fields: _Fields) -> ReadMark:
    found = ReadMark(fields.text("last_message_id", required=True))
    fields.done()
    return found


def _answer_return(fields: _Fields) -> ReturnDecision:
    word = fields.text("answer", required=True)
    try:
        answer = ReturnAnswer(word)
    except ValueError as error:
        known = ", ".join(kind.value for kind in ReturnAnswer)
        raise BadArguments(f"answer must be one of {known}; it is {word!r}.") from error
    found = ReturnDecision(
        answer,
        fields.text("reason_id"),
        fields.text("reason"),
        fields.text("comment", most=COMMENT_MAX),
        fields.texts("pictures"),
        fields.count("offer_minor"),
    )
    fields.done()
    if (answer is ReturnAnswer.OFFER) != (found.offer_minor is not None):
        raise BadArguments("offer_minor, the money that is offered, goes with the answer offer and with no other.")
    return found


def _plain_change(arguments: Mapping[str, object]) -> StockChange | None:
    """A write of stock with its arguments as `write_args` leaves them; None for others, which `_set_stock` judges."""
    shows, seen = arguments.get("shows"), arguments.get("seen")
    reserve, pool = arguments.get("reserve", 0), arguments.get("pool", "")
    # By their very types: True is an int too.
    if type(shows) is not int or type(reserve) is not int or type(pool) is not str or len(pool) > _TEXT_MAX:
        return None
    if seen is not None and (type(seen) is not int or not 0 <= seen <= COUNT_MAX):
        return None
    if not (0 <= shows <= COUNT_MAX and 0 <= reserve <= COUNT_MAX and arguments.keys() <= _CHANGE_FIELDS):
        return None
    return StockChange(shows, seen, reserve, pool)


def _set_stock(fields: _Fields) -> StockChange:
    shows, seen = fields.count("shows", required=True), fields.count("seen")
    reserve, pool = fields.count("reserve"), fields.text("pool")
    fields.done()
    return StockChange(shows or 0, seen, reserve or 0, pool)


_READERS: Mapping[Verb, Callable[[_Fields], VerbArgs]] = MappingProxyType(
    {
        Verb.SHIP: _ship,
        Verb.SHIP_OWN: _own_shipping,
        Verb.CHANGE_TRACKING: _own_shipping,
        Verb.CANCEL: _cancel,
        Verb.ANSWER_CANCEL: _answer_cancel,
        Verb.NOTE: _note,
        Verb.SPLIT: _split,
        Verb.COMBINE: _combine,
        Verb.LABEL: _document,
        Verb.PRINT: _print,
        Verb.REPLY: _reply,
        Verb.MARK_READ: _read_mark,
        Verb.ANSWER_RETURN: _answer_return,
        Verb.SET_STOCK: _set_stock,
    }
)
