"""Synthetic conversations for benchmarks: any number, the same for the same seed, built without a marketplace."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from shoptui.domain.messages import Message, MessageKind, Sender, Thread
from shoptui.domain.stores import Store

#: Every buyer's handle begins with this, so that painted rows can be told in a terminal's bytes.
HANDLE = "chat."
#: The last message but one of a thread begins with this and the thread's number: only the open thread shows it.
MARK = "seen-"
#: A word in one message of so many; what is said else has none of its parts.
RARE_WORD, RARE_EVERY = "zipper", 5000

_DAY_S = 86400
_SPAN_S = 30 * _DAY_S
_WAITING_SHARE = 0.06
_ASKED = (
    "Hello, when will my parcel be shipped? It is a present.",
    "Do you have this bag in another colour? I would like a red one please",
    "สินค้ายังไม่จัดส่งเลยค่ะ ช่วยตรวจสอบให้หน่อยได้ไหมคะ",
    "请问什么时候发货？我急用，谢谢",
    "Shop ơi bao giờ gửi hàng vậy ạ, mình cần trước thứ sáu",
    "Kak, kapan pesanan saya dikirim? Sudah tiga hari belum sampai",
    "The mug came broken. Can I get a refund or another one?",
    "Boleh tukar saiz M kepada saiz L tak?",
)
_ANSWERED = (
    "Thank you for your message. Your parcel leaves today and takes three to five days.",
    "We are sorry for that. Please send a picture and we will help at once.",
    "ขอบคุณค่ะ จะจัดส่งภายในวันนี้นะคะ",
    "您好，今天发货，请放心",
    "Dạ shop gửi hôm nay ạ, cảm ơn bạn",
    "Terima kasih kak, pesanan dikirim hari ini ya",
)


def synthetic_talk(
    threads: int, messages: int, stores: Sequence[Store], now: int, seed: int = 1
) -> Iterator[tuple[Store, Thread, list[Message]]]:
    """`threads` conversations of `messages` messages together within 30 days of `now` (epoch s).

    About 6 % wait for an answer, with clocks from missed to a day away; the others have been answered.
    """
    dice = random.Random(seed)
    each, written = messages // threads, 0
    for number in range(threads):
        store = stores[number % len(stores)]
        waits = dice.random() < _WAITING_SHARE
        newest_at = now - (dice.randrange(60, 26 * 3600) if waits else dice.randrange(600, _SPAN_S // 2))
        gap_s = dice.randrange(600, _SPAN_S // 2 // each)
        # Nobody talks about everything.
        asked, answered = dice.sample(_ASKED, 3), dice.sample(_ANSWERED, 2)
        said = []
        for place in range(each):
            # Two questions and an answer in turn; the last one decides whether the thread waits.
            asks = waits if place == each - 1 else place % 3 != 2
            text = dice.choice(asked if asks else answered)
            if written % RARE_EVERY == 0:
                text = f"{text} ({RARE_WORD})"
            if place == each - 2:
                text = f"{MARK}{number} {text}"
            written += 1
            said.append(
                Message(
                    store_id=store.store_id,
                    thread_id=f"7494{number:012d}",
                    message_id=f"{number}-{place}",
                    order_key=f"{place:08d}",
                    kind=MessageKind.TEXT,
                    sender=Sender.BUYER if asks else Sender.STORE,
                    sent_at=newest_at - gap_s * (each - 1 - place),
                    text=text,
                    raw_kind="TEXT",
                )
            )
        thread = Thread(
            store_id=store.store_id,
            thread_id=said[-1].thread_id,
            buyer_id=f"7494{number:015d}",
            buyer=f"{HANDLE}{number}",
            unread=1 if waits else 0,
            last_message_id=said[-1].message_id,
            last_at=newest_at,
            can_send=True,
        )
        yield store, thread, said
