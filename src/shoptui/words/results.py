"""The message line while a batch waits, runs and is settled."""

from __future__ import annotations

from dataclasses import dataclass

from shoptui.i18n import _, ngettext
from shoptui.words.intents import verb_head
from shoptui.words.times import span_words


def orders_count(count: int) -> str:
    """`1 order`, `1,204 orders`."""
    return ngettext("{count} order", "{count} orders", count).format(count=f"{count:,}")


def stores_count(count: int) -> str:
    """`1 store`, `11 stores`."""
    return ngettext("{count} store", "{count} stores", count).format(count=f"{count:,}")


def hold_words(hold_s: int, shortest_s: int | None = None) -> str:
    """In a strip's head: how long it waits after F9 before it is sent, `shortest_s` for the nearest clock in it."""
    if hold_s <= 0:
        return _("sent at once")
    if shortest_s is not None and shortest_s < hold_s:
        return _("held {shortest} to {seconds} s, then sent").format(shortest=shortest_s, seconds=hold_s)
    return _("held {seconds} s, then sent").format(seconds=hold_s)


def hold_line(seconds_left: int, verb: str, count: int) -> str:
    """The message line while a batch is held."""
    return _("{seconds} s  then {verb} {count} goes out   z takes it back").format(
        seconds=max(0, seconds_left), verb=verb_head(verb), count=count
    )


def progress_line(verb: str, done: int, total: int) -> str:
    """The message line while a batch is on its way."""
    return _("{verb}: {done} of {total} settled, the rest is on its way").format(
        verb=verb_head(verb), done=done, total=total
    )


@dataclass(frozen=True, slots=True)
class BatchSum:
    """How a batch stands: intents by what became of them; `causes` counts the different reasons of the failed."""

    verb: str
    total: int
    done: int = 0
    failed: int = 0
    unknown: int = 0
    needs_person: int = 0
    taken_back: int = 0
    moving: int = 0
    causes: int = 0


def result_line(batch: BatchSum) -> str:
    """What became of a batch, in one line: numbers first."""
    if not batch.failed and not batch.unknown and not batch.needs_person:
        if batch.taken_back and not batch.done:
            return _("Taken back: nothing was sent, all {count} are as they were.").format(count=batch.taken_back)
        if batch.taken_back:
            return _("✓ {done} shipped; {back} taken back before they went.").format(
                done=batch.done, back=batch.taken_back
            )
        return _("✓ {done} shipped.").format(done=batch.done)
    parts: list[str] = []
    # With three outcomes or more the line would not fit 78 cells at length.
    brief = sum(1 for count in (batch.done, batch.failed, batch.needs_person, batch.unknown) if count) > 2
    if batch.done:
        parts.append(_("{count} shipped").format(count=batch.done))
    if batch.failed and brief:
        parts.append(_("{count} failed").format(count=batch.failed))
    elif batch.failed:
        reasons = ngettext("{count} reason", "{count} reasons", batch.causes).format(count=max(1, batch.causes))
        verb = ngettext(
            "{failed} failed for {reasons} and is not shipped",
            "{failed} failed for {reasons} and are not shipped",
            batch.failed,
        )
        parts.append(verb.format(failed=batch.failed, reasons=reasons))
    if batch.needs_person:
        parts.append(
            ngettext("{count} needs your decision", "{count} need your decision", batch.needs_person).format(
                count=batch.needs_person
            )
        )
    if batch.unknown:
        parts.append(
            ngettext(
                "no answer for {count}: it may be shipped; this settles itself",
                "no answer for {count}: they may be shipped; this settles itself",
                batch.unknown,
            ).format(count=batch.unknown)
        )
    sign = "✗" if batch.failed else ("Y" if batch.needs_person else "?")
    return f"{sign} {'; '.join(parts)}."


def away_line(away_s: int, batch: BatchSum) -> str:
    """What went on with a batch while the operator was away."""
    outcome = _("{done} shipped").format(done=batch.done)
    if batch.failed:
        outcome += _(", {count} failed").format(count=batch.failed)
    if batch.unknown + batch.needs_person:
        outcome += _(", {count} undecided").format(count=batch.unknown + batch.needs_person)
    return _("Away {span}. {verb} {count} went on: {outcome}.").format(
        span=span_words(away_s), verb=verb_head(batch.verb), count=batch.total, outcome=outcome
    )


def taken_back_line(taken: int, gone: int, time: str) -> str:
    """The answer to a take-back; `time` is when the others went, `17:42:31`."""
    if not gone:
        return _("Taken back: nothing was sent, all {count} are as they were.").format(count=taken)
    if not taken:
        return ngettext(
            "Too late: {gone} went out before and stays as it is.",
            "Too late: all {gone} went out before and stay as they are.",
            gone,
        ).format(gone=gone)
    return _("Taken back {taken}. The other {gone} went before {time} and stay shipped.").format(
        taken=taken, gone=gone, time=time
    )
