"""Answers to returns from the shell: previewed, asked about, ordered, and followed until they are settled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shoptui.client import EngineClient
from shoptui.domain.fx import Rates, RatesError
from shoptui.domain.intents import Verb
from shoptui.domain.returns import ReturnAnswer
from shoptui.domain.verbs import ReturnDecision, write_args
from shoptui.exchange import load_rates
from shoptui.paths import DataDir
from shoptui.picture_file import BadPicture, picture_fields
from shoptui.queries.admission import Why
from shoptui.queries.ordering import Arguments, OrderPart
from shoptui.queries.preview import Target
from shoptui.queries.return_offer import BadOffer, offers_of
from shoptui.queries.return_preview import PAYING, AnswerPreview, answer_preview
from shoptui.queries.returns import ReturnCandidate
from shoptui.shell.connect import Stop, ask, engine_client
from shoptui.shell.exits import Exit
from shoptui.shell.order_batch import How, confirmed, order_parts
from shoptui.shell.saying import say
from shoptui.store.reader import Reader
from shoptui.words import stores_count
from shoptui.words.returns import answer_head, effect_words, return_left_out, returns_count, sums_words

#: Requests a marketplace answers alike: store, what is asked, state.
_Kind = tuple[str, str, str]
_Refused = dict[tuple[str, str], Why]


@dataclass(frozen=True, slots=True)
class Answering:
    """An answer as it was typed. `reason` is an id or the marketplace's words, `part` what is offered, "" for none."""

    answer: ReturnAnswer
    reason: str
    comment: str
    part: str
    pictures: tuple[Path, ...] = ()


async def answer_returns(
    house: DataDir, reader: Reader, candidates: Sequence[ReturnCandidate], asked: Answering, how: How, now: int
) -> int:
    """Answer the requests; the command's exit code."""
    rates = _rates(house)
    found = answer_preview(asked.answer, candidates, now, rates)
    offers: Mapping[int, int] = {}
    if asked.part and found.ready:
        try:
            offer = offers_of(found, asked.part)
        except BadOffer as bad:
            say(str(bad))
            return Exit.USAGE
        offers, found = offer.parts, found.without(offer.refused, rates)
    if how.dry_run or not found.ready:
        # What the marketplaces want is the engine's to ask, which a look need not start.
        _print_preview(found)
        return Exit.OK if found.ready else Exit.NOTHING
    async with engine_client(house) as client:
        reasons, refused = await _needs(client, found, asked)
        found = found.without(refused, rates)
        _print_preview(found)
        if not found.ready:
            return Exit.NOTHING
        if asked.pictures and (len(found.ready) > 1 or found.ready[0].verb is not Verb.ANSWER_RETURN):
            say("A picture is about one return or refund: name that one as STORE/RETURN.")
            return Exit.USAGE
        if not how.yes and not confirmed(len(found.ready), answer_head(asked.answer)):
            say("Nothing was ordered.")
            return Exit.NOTHING
        links = await _handed_in(client, found.ready[0], asked.pictures)
        parts = _parts(found, asked, reasons, offers, links)
        _, code = await order_parts(client, reader, parts, how, take_over=bool(found.claimed))
    return code


async def _handed_in(client: EngineClient, target: Target, paths: Sequence[Path]) -> tuple[str, ...]:
    """The addresses the marketplace gives for pictures of one request. Raises Stop when it does not take one."""
    try:
        pictures = [picture_fields(path, target.store_id, target.target_id) for path in paths]
    except BadPicture as bad:
        say(f"{bad} Nothing was ordered.")
        raise Stop(Exit.USAGE) from bad
    links = []
    for fields in pictures:
        answer = await client.request("return_picture", **fields)
        if not answer.ok:
            say(f"{fields['name']} was not handed in: {answer.say} Nothing was ordered.")
            raise Stop(Exit.FAILED)
        links.append(str(answer.body["link"]))
    return tuple(links)


def _rates(house: DataDir) -> Rates | None:
    try:
        return load_rates(house.root)
    except RatesError as error:
        say(str(error))
        return None


def _kind(found: AnswerPreview, target: Target) -> _Kind:
    one = found.rows[target.row_id]
    return one.store_id, one.ask.value, one.state.value


async def _needs(
    client: EngineClient, found: AnswerPreview, asked: Answering
) -> tuple[dict[_Kind, tuple[str, str]], _Refused]:
    """The reason (id and words) for each kind of request, and what is left out because something is wanting."""
    first: dict[_Kind, Target] = {}
    for target in found.ready:
        first.setdefault(_kind(found, target), target)
    needs: dict[_Kind, Mapping[str, Any]] = {}
    returns = [target for target in first.values() if target.verb is Verb.ANSWER_RETURN]
    if returns:
        targets = [[target.store_id, target.target_id] for target in returns]
        answer = await ask(client, "return_needs", targets=targets, answer=asked.answer.value)
        for item in answer.body["needs"]:
            needs[(str(item["store_id"]), str(item["ask"]), str(item["state"]))] = item
    wishes = {kind: target for kind, target in first.items() if target.verb is Verb.ANSWER_CANCEL}
    if wishes and asked.answer is ReturnAnswer.REFUSE:
        orders = [[target.store_id, target.order_no] for target in wishes.values()]
        options = (await ask(client, "choices", verb=Verb.ANSWER_CANCEL.value, targets=orders)).body["options"]
        for kind in wishes:
            needs[kind] = _of_choices(options.get(kind[0], {}))
    reasons: dict[_Kind, tuple[str, str]] = {}
    without: dict[_Kind, Why] = {}
    for kind in first:
        wanted = needs.get(kind, {})
        why = _why_not(wanted, asked, len(found.ready))
        if why is not None:
            without[kind] = why
            continue
        if wanted.get("ship_to"):
            say(f"  goods of {kind[0]} come back to {wanted['ship_to']}")
        if wanted.get("reasons"):
            reasons[kind] = _chosen(wanted["reasons"], asked.reason)
    _tell_reasons(needs, without)
    refused = {
        (target.store_id, target.target_id): without[_kind(found, target)]
        for target in found.ready
        if _kind(found, target) in without
    }
    return reasons, refused


def _of_choices(options: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same of `choices`, which speaks of orders."""
    if "unsupported" in options:
        return {"no": {"reason": "no_desk", "say": str(options["unsupported"])}}
    return {"reasons": [{"id": reason_id, "text": words} for reason_id, words in options.get("reasons", ())]}


def _why_not(needs: Mapping[str, Any], asked: Answering, count: int) -> Why | None:
    if "no" in needs:
        return Why(str(needs["no"]["reason"]), {"say": str(needs["no"]["say"])})
    if count > 1 and not needs.get("batch", True):
        return Why("one_by_one")
    if needs.get("pictures", 0) > len(asked.pictures):
        return Why("picture_due")
    if needs.get("reasons") and not _chosen(needs["reasons"], asked.reason)[0]:
        return Why("reason_not_offered")
    if needs.get("comment_needed") and not asked.comment:
        return Why("comment_due")
    return None


def _chosen(reasons: Sequence[Mapping[str, str]], typed: str) -> tuple[str, str]:
    """Id and words of the reason that was typed, both "" when it is none of them."""
    wanted = typed.casefold()
    for reason in reasons:
        if wanted in {reason["id"].casefold(), reason["text"].casefold()}:
            return reason["id"], reason["text"]
    return "", ""


def _tell_reasons(needs: Mapping[_Kind, Mapping[str, Any]], without: Mapping[_Kind, Why]) -> None:
    """Where the reason was not one of them, say which there are."""
    for kind, why in without.items():
        if why.reason_id == "reason_not_offered":
            listed = "; ".join(f"{reason['id']} ({reason['text']})" for reason in needs[kind]["reasons"])
            say(f"--reason for {kind[0]}, {kind[1]}: {listed}")


def _parts(
    found: AnswerPreview,
    asked: Answering,
    reasons: Mapping[_Kind, tuple[str, str]],
    offers: Mapping[int, int],
    pictures: tuple[str, ...],
) -> list[OrderPart]:
    def args(target: Target) -> Arguments:
        reason_id, words = reasons.get(_kind(found, target), ("", ""))
        decision = ReturnDecision(asked.answer, reason_id, words, asked.comment, pictures, offers.get(target.row_id))
        return write_args(found.args(target, decision))

    parts = []
    for verb in (Verb.ANSWER_RETURN, Verb.ANSWER_CANCEL):
        targets = tuple(target for target in found.ready if target.verb is verb)
        if targets:
            parts.append(OrderPart(verb, targets, args))
    return parts


def _print_preview(found: AnswerPreview) -> None:
    count = len(found.ready)
    sums = sums_words(found.sums, found.usd, found.unconverted) if found.answer in PAYING and found.sums else ""
    head = f"{answer_head(found.answer)} {count} of {returns_count(found.asked)}, {stores_count(len(found.stores))}"
    asks = "are asked for" if found.answer is ReturnAnswer.OFFER else ""
    say(f"{head}, {sums} {asks}".rstrip() if sums else head)
    for store_id, number in sorted(Counter(target.store_id for target in found.ready).items()):
        say(f"  {store_id}  {number}")
    for effect, number in found.effects.items():
        say(f"  {effect_words(effect, number, count)}")
    for reason_id, arguments, rows in found.left_out:
        say(f"  left out {len(rows)}: {return_left_out(reason_id, arguments)}")
    for reason_id, arguments, rows in found.claimed:
        say(f"  {len(rows)} {return_left_out(reason_id, arguments)}")
