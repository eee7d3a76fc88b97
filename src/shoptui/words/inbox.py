"""Words for conversations: who speaks, in which language, what a card is, and why a reply would not be taken."""

from __future__ import annotations

from shoptui.domain.messages import Message, MessageKind, MessageState, Sender
from shoptui.domain.reply_check import Refusal, RefusalId
from shoptui.i18n import _, ngettext
from shoptui.queries.inbox import ThreadRow, ThreadState


def threads_count(count: int) -> str:
    """`1 thread`, `12,480 threads`."""
    return ngettext("{count} thread", "{count} threads", count).format(count=f"{count:,}")


def sender_word(sender: Sender | str) -> str:
    """Who speaks, in at most six cells."""
    words = {
        Sender.BUYER: _("buyer"),
        Sender.STORE: _("store"),
        Sender.ROBOT: _("auto"),
        Sender.PLATFORM: _("staff"),
        Sender.SYSTEM: _("notice"),
    }
    return words.get(Sender(sender), str(sender)) if sender in set(Sender) else str(sender)


def language_name(code: str) -> str:
    """A language by its ISO 639-1 code, as operators name it."""
    names = {
        "en": _("English"),
        "zh": _("Chinese"),
        "th": _("Thai"),
        "vi": _("Vietnamese"),
        "id": _("Indonesian"),
        "ms": _("Malay"),
        "tl": _("Tagalog"),
        "ja": _("Japanese"),
        "ko": _("Korean"),
    }
    return names.get(code, code) if code else _("language unknown")


def kind_words(kind: MessageKind | str) -> str:
    """What a message without words is."""
    words = {
        MessageKind.PICTURE: _("picture"),
        MessageKind.VIDEO: _("video"),
        MessageKind.PRODUCT: _("product"),
        MessageKind.ORDER: _("order"),
        MessageKind.RETURN: _("return"),
        MessageKind.PARCEL: _("parcel"),
        MessageKind.VOUCHER: _("voucher"),
        MessageKind.STICKER: _("sticker"),
        MessageKind.NOTICE: _("notice"),
    }
    return words.get(MessageKind(kind), _("message")) if kind in set(MessageKind) else _("message")


def card_words(message: Message) -> str:
    """The label of a message that is more than words, "" for plain text: `[picture 1200x1600: y copies its link]`."""
    if message.kind is MessageKind.TEXT or (message.kind is MessageKind.NOTICE and message.text):
        return ""
    words = kind_words(message.kind)
    if message.kind is MessageKind.OTHER and message.raw_kind:
        words = _("message of the kind {kind}").format(kind=message.raw_kind)
    if message.width and message.height:
        words += f" {message.width}x{message.height}"
    if message.kind is MessageKind.NOTICE and message.reference:
        words = _("came here from {what}").format(what=message.reference)
    elif message.reference:
        words += f" {message.reference}"
    if message.link:
        words += ": " + _("y copies its link")
    return f"[{words}]"


def gone_words(message: Message) -> str:
    """What became of a message that nobody reads any more, "" of any other."""
    if message.state is MessageState.RECALLED:
        return _("(taken back by its sender)")
    if message.state is MessageState.BLOCKED:
        return _("(kept from the buyer by the marketplace)")
    return ""


def last_words(row: ThreadRow) -> str:
    """What was said last, for the list."""
    return row.last_words or (f"[{kind_words(row.last_kind)}]" if row.last_kind else "")


def not_granted_words(store_id: str) -> str:
    """Why a store's conversations are not seen."""
    return _("{store} has not granted chat: its messages are not seen here. The rest works.").format(store=store_id)


def how_to_grant(marketplace: str) -> list[str]:
    """What to do about a store whose app may not read conversations, step by step."""
    first = {
        "tiktok": _(
            "TikTok Shop grants chat by permission: in Partner Center, ask for the customer service scopes for your "
            "app, then let the seller authorise it again."
        ),
        "shopee": _(
            "Shopee grants chat by app: in the Open Platform console, ask for the chat permission for your app, then "
            "let the shop authorise it again."
        ),
        "lazada": _(
            "Lazada grants chat to an app of its own (Instant Messaging): make that app in the Open Platform console, "
            "name it for the store, and let the seller authorise it as well."
        ),
    }.get(marketplace, _("Ask the marketplace to grant chat to your app, then authorise the store again."))
    if marketplace == "lazada":
        then = _(
            "An admin: shoptui apps add lazada --name lazada-chat in the shell, then g e and a, 2: its conversations; "
            "until then answer in Seller Center."
        )
        return [first, then]
    return [first, _("Then g e and a sign in again (an admin); until then answer in Seller Center.")]


def refusal_words(refusal: Refusal) -> str:
    """Why a marketplace would not take a reply, and what to change."""
    sentences = {
        RefusalId.EMPTY: _("Nothing is written yet."),
        RefusalId.TOO_LONG: _("{over} characters too many: at most {limit} are taken here."),
        RefusalId.NO_LINKS: _("Links are not taken here: take out {found}."),
        RefusalId.NO_CONTACTS: _("Contacts outside the marketplace are not taken here: take out {found}."),
        RefusalId.UNANSWERED: _("{limit} messages wait for the buyer's answer already: no more are taken before it."),
        RefusalId.CANNOT_SEND: _("The marketplace takes no message in this conversation now."),
        RefusalId.UNFILLED: _("{names} is still to be filled in."),
    }
    return sentences[refusal.id].format(**refusal.args)


def state_of_thread(row: ThreadRow) -> str:
    """What a thread wants, in a word."""
    words = {
        ThreadState.WAITING: _("waits for us"),
        ThreadState.ANSWERED: _("answered"),
        ThreadState.DONE: _("done"),
    }
    return words[row.state]
