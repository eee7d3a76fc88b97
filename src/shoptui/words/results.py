"""The message line while a batch waits, runs and is settled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from shoptui.domain.records import dataclass
from shoptui.i18n import _, ngettext
from shoptui.words.said import as_sentence, clauses, listed
from shoptui.words.times import span_words
from shoptui.words.verbs import chain_head, done_words, may_be_words, not_done_words


def orders_count(count: int) -> str:
    """`1 order`, `1,204 orders`."""
    return ngettext("{count} order", "{count} orders", count).format(count=f"{count:,}")


def parcels_count(count: int) -> str:
    """`1 parcel`, `1,204 parcels`."""
    return ngettext("{count} parcel", "{count} parcels", count).format(count=f"{count:,}")


def pieces_count(count: int) -> str:
    """`1 piece`, `1,204 pieces`."""
    return ngettext("{count} piece", "{count} pieces", count).format(count=f"{count:,}")


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


def hold_line(seconds_left: int, held: Sequence[tuple[BatchSum, int]]) -> str:
    """The message line while batches are held that one F9 ordered, each with the targets of it that still are."""
    what = listed(f"{chain_head(batch.verbs)} {count}" for batch, count in held)
    return _("{seconds} s  then {what} goes out   z takes it back").format(seconds=max(0, seconds_left), what=what)


def progress_line(batch: BatchSum) -> str:
    """The message line while a batch is on its way: how far its last step is."""
    last = batch.then[-1] if batch.then else batch
    return _("{verb}: {done} of {total} settled, the rest is on its way").format(
        verb=chain_head(batch.verbs), done=last.total - last.moving - last.unknown, total=last.total
    )


@dataclass(frozen=True, slots=True)
class BatchSum:
    """How a batch stands: targets of its verb by what became of them; `causes` counts the reasons of the failed.

    `then` are the verbs that follow in the same batch, in order. `printer` is where it prints, "" where it does not.
    """

    verb: str
    total: int
    done: int = 0
    failed: int = 0
    unknown: int = 0
    needs_person: int = 0
    taken_back: int = 0
    moving: int = 0
    causes: int = 0
    printer: str = ""
    then: tuple[BatchSum, ...] = ()

    @property
    def verbs(self) -> list[str]:
        """The batch's verb and those that follow it."""
        return [self.verb, *(each.verb for each in self.then)]

    @property
    def steps(self) -> list[BatchSum]:
        """Its verb and those that follow it, each counted without what failed only because the step before did."""
        own: list[BatchSum] = []
        before = 0
        for each in (self, *self.then):
            own.append(replace(each, failed=max(0, each.failed - before), then=()))
            before = each.failed
        return own

    @property
    def in_trouble(self) -> bool:
        """Whether anything of it failed or is undecided."""
        return any(each.failed or each.unknown or each.needs_person for each in (self, *self.then))


def result_line(batch: BatchSum) -> str:
    """What became of a batch, in one line: numbers first."""
    if not batch.in_trouble:
        done = _done(batch)
        if batch.taken_back and not batch.done:
            return _("Taken back: nothing was sent, all {count} are as they were.").format(count=batch.taken_back)
        if batch.taken_back:
            words = _("✓ {what}; {back} taken back before they went.")
            return words.format(what=done, back=batch.taken_back)
        return f"✓ {as_sentence(done)}"
    steps = batch.steps
    # With three outcomes or more the line would not fit 78 cells at length.
    outcomes = [count for each in steps for count in (each.failed, each.needs_person, each.unknown) if count]
    brief = len(outcomes) + bool(batch.done) > 2
    done = _done(batch)
    parts = [done] if done else []
    for each in steps:
        parts += _trouble(each, brief=brief)
    sign = "✗" if any(each.failed for each in steps) else ("Y" if any(each.needs_person for each in steps) else "?")
    return f"{sign} {as_sentence(clauses(parts))}"


def _done(batch: BatchSum) -> str:
    """What was done; a label that was printed as well is not named twice."""
    steps = (batch, *batch.then)
    printing = any(each.verb == "print" and each.done for each in steps)
    parts = [
        done_words(each.verb, each.done, each.printer)
        for each in steps
        if each.done and not (each.verb == "label" and printing)
    ]
    return listed(parts)


def _trouble(step: BatchSum, *, brief: bool) -> list[str]:
    parts: list[str] = []
    not_done, may_be = not_done_words(step.verb), may_be_words(step.verb)
    if step.failed and brief:
        parts.append(_("{count} {not_done}").format(count=step.failed, not_done=not_done))
    elif step.failed:
        reasons = ngettext("{count} reason", "{count} reasons", step.causes).format(count=max(1, step.causes))
        words = ngettext(
            "{failed} failed for {reasons} and is {not_done}",
            "{failed} failed for {reasons} and are {not_done}",
            step.failed,
        )
        parts.append(words.format(failed=step.failed, reasons=reasons, not_done=not_done))
    if step.needs_person:
        words = ngettext("{count} needs your decision", "{count} need your decision", step.needs_person)
        parts.append(words.format(count=step.needs_person))
    if step.unknown:
        words = ngettext(
            "no answer for {count}: it may be {done}; this settles itself",
            "no answer for {count}: they may be {done}; this settles itself",
            step.unknown,
        )
        parts.append(words.format(count=step.unknown, done=may_be))
    return parts


def away_line(away_s: int, batch: BatchSum) -> str:
    """What went on with a batch while the operator was away."""
    outcome = _done(batch) or done_words(batch.verb, 0)
    steps = batch.steps
    failed = sum(each.failed for each in steps)
    undecided = sum(each.unknown + each.needs_person for each in steps)
    if failed:
        outcome += _(", {count} failed").format(count=failed)
    if undecided:
        outcome += _(", {count} undecided").format(count=undecided)
    return _("Away {span}. {verb} {count} went on: {outcome}.").format(
        span=span_words(away_s), verb=chain_head(batch.verbs), count=batch.total, outcome=outcome
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
    return _("Taken back {taken}. The other {gone} went before {time} and stay done.").format(
        taken=taken, gone=gone, time=time
    )
