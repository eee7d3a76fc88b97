"""The engine's own sentences in the operator's language: recognised by their shape, else by their reason's id."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from functools import lru_cache

from shoptui.i18n import ENGLISH, _, language, later

#: What the engine, the way to it and the marketplaces' adapters say in English, with their fields.
_SENTENCES = (
    later("The engine is not running."),
    later("The engine has closed the connection."),
    later("The engine did not answer within {seconds} s."),
    later("No engine runs on {root}."),
    later("You may not use the engine at {socket}. Ask its owner to add you to its group."),
    later("Somebody else's program listens at {socket}; nothing was sent to it."),
    later(
        "The engine of {root} is not running. It is shared: start it with `systemctl start shoptui-engine`, or ask "
        "whoever looks after this machine."
    ),
    later("The engine did not come up within {seconds} s. Its log is {log}."),
    later("The engine stopped at once (exit {code}): {why}"),
    later("The engine is newer ({version}) than this program. Close it and start it again."),
    later("The engine ({version}) is older than this program. Ask an administrator to restart it."),
    later("The engine ({version}) is older than this program. It finishes what is on its way and stops."),
    later("The engine is stopping; nothing was accepted. Try again in a moment."),
    later("This engine (version {version}) does not know that request."),
    later("{operator} is a {role}; this needs a {least}. Nothing was done."),
    later("{operator} is a {role}; to {verb} needs a {least}. Nothing was done."),
    later("{operator} has no role here. An administrator adds one under [roles] in {path}."),
    later("There is no store {store} here."),
    later("{store} has no order {order} in the cache."),
    later("{store} has no order {order} in the cache; check the store first."),
    later("{store} has no order {order} at the marketplace."),
    later("{order} is on hold ({who}). Take it off hold first."),
    later("The buyer of {order} asked to cancel. Answer that first."),
    later("The buyer of {order} does not ask to cancel."),
    later("The {document} of package {package} is not here; fetch it first."),
    later("The {document} of package {package} was printed on {printer} by {who}. A second one needs a reason."),
    later("No printer can be called {printer}. See shoptui printers."),
    later("The print system cannot be reached."),
    later("The print system did not answer within {seconds} s."),
    later("The same has been ordered already and is not settled yet."),
    later("There is no such intent."),
    later("There is no such intent to retry."),
    later("{count} of these {all} have not failed. Nothing was ordered again."),
    later("These intents are of different kinds; retry each kind by itself."),
    later("This is not waiting for a decision any more."),
    later("The message the reply was written after was not found."),
    later("The reply has no words in it."),
    later("The reply has {length} characters, {over} more than the {limit} this marketplace takes."),
    later("This marketplace takes no links in replies: take out {found}."),
    later("This marketplace takes no phone numbers or addresses in replies: take out {found}."),
    later("{limit} messages are unanswered already; wait until the buyer writes."),
    later("The marketplace takes no message in this conversation now."),
    later("There is no value for {names}: fill it in by hand, or choose other words."),
    later("{store} may not chat through programs: the marketplace has not granted it to the app."),
    later("{store} has no conversation {thread} here; check the store first."),
    later("{store} has no conversation {thread} here. Nothing was done."),
    later("{store} has no conversation {thread} at the marketplace."),
    later("{who} is on this conversation. Order again to answer all the same."),
    later("{who} has answered since. Read that, then order again if it is still needed."),
    later("The conversation has changed since it was read. Read it again, then order."),
    later("Say to whom: no supervisor is set (inbox.supervisor in the settings)."),
    later("An escalation needs a reason: what shall the supervisor decide?"),
    later("There is no quick reply {number} for these stores."),
    later("The order does not say who its buyer is, so no conversation can be opened."),
    later("Somebody else has just decided this."),
    later("A tag needs at least one letter."),
    later("The note has no readable character."),
    later("There is no app {app} here. First: shoptui apps add"),
    later("There is an app {app} already (key {key}). Choose another name."),
    later("{app} has the key {key}; another key is another app. Give it another name."),
    later("An app's name is up to 32 small letters, digits, dots and dashes."),
    later("The app secret is missing. It stands beside the app key on the developer site."),
    later("That is no {what}: it is one word of letters and digits. Copy it once more."),
    later("The app {app} cannot be used: its secret cannot be read. See [apps.{app}]."),
    later("Several apps are set up ({apps}): say which one."),
    later("This sign-in is over or the engine was restarted: ask for a new link."),
    later("The account that agreed has no shop the app may see. Agree with the seller's account."),
    later(
        "That address belongs to another link than the one shown here (its state differs). Nothing was sent; open this "
        "link and paste what it brings."
    ),
    later("That code was handed in before; each works once. Open the link again for a new one."),
    later("That is no authorisation code: paste the code, or the address it came in."),
    later(
        "That code is for {names}, not for {store}, {name} ({shop}). Nothing was changed; open the link signed in as "
        "that shop's seller."
    ),
    later("The consent does not cover a shop {shop}."),
    later("{name} is in this house already, as {store}."),
    later("There is a store {store} already; choose another name."),
    later("{count} orders are on their way in {store}: rename it when they are settled."),
    later("The file has {octets} bytes; at most {most} are read."),
    later("The file is no text: save it as CSV (UTF-8) and try again."),
    later("The file is no table of columns: {why}. Save it as CSV (UTF-8) again."),
    later("There is no line in it: order number and tracking number are wanted, one pair a line."),
    later("order {order} stands in line {line} already."),
    later("{number} stands in line {line} already."),
    later("A tracking number has {least} to {most} characters; {number} has not."),
    later("A tracking number has only letters, digits and - _ . /; {number} has others."),
    later("{market} asks for fewer calls a second."),
    later("{market} had an internal error; try again."),
    later("{host} refused with status {status} without saying why"),
    later("The answer could not be understood."),
    later("The access token has expired; authorise the store again."),
    later("There is no authorisation code in that address: copy it whole, with all after the ?."),
    later("The seller did not consent ({why}). Nothing was changed; open the link again if that was a slip."),
)


def own_words(say: str, reason: str = "") -> str:
    """What the engine said, in the operator's language; English where neither sentence nor reason is known.

    `reason` is the refusal's id, "" where there is none: a newer engine may word a known reason anew.
    """
    found = _recognised(say)
    if found is not None:
        sentence, fields = found
        return _(sentence).format(**fields)
    if language() == ENGLISH:
        return say
    reasons = {
        "not_allowed": _("Your role may not do this. Nothing was done."),
        "disk_full": _("The disk is full: nothing can be written down, so nothing is accepted."),
        "engine_stopping": _("The engine is stopping; nothing was accepted. Try again in a moment."),
        "unknown_request": _("The engine is older and does not know that request."),
        "no_printing": _("There is no printing here; the labels are kept."),
        "no_engine": _("The engine is not running."),
    }
    return reasons.get(reason, say)


def is_own(say: str) -> bool:
    """Whether this is one of the sentences above."""
    return _recognised(say) is not None


def line_words(say: str) -> str:
    """What is wrong with a line of a file, in the operator's language."""
    head, mark, what = say.partition(": ")
    number = head.removeprefix("Line ")
    if not mark or not number.isdigit():
        return own_words(say)
    return _("Line {line}: {what}").format(line=number, what=own_words(what))


@lru_cache(maxsize=256)
def _recognised(say: str) -> tuple[str, Mapping[str, str]] | None:
    """Which sentence this is, and what stands in its fields."""
    for sentence, shape in _shapes():
        match = shape.fullmatch(say)
        if match is not None:
            return sentence, match.groupdict()
    return None


@lru_cache(maxsize=1)
def _shapes() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Each sentence with its shape, those with the fewest fields first: they are the most particular."""
    ordered = sorted(_SENTENCES, key=lambda sentence: sentence.count("{"))
    return tuple((sentence, re.compile(_shape(sentence))) for sentence in ordered)


def _shape(sentence: str) -> str:
    parts: list[str] = []
    seen: set[str] = set()
    for text, field, _spec, _conversion in string.Formatter().parse(sentence):
        parts.append(re.escape(text))
        if field:
            parts.append(f"(?P={field})" if field in seen else f"(?P<{field}>.+?)")
            seen.add(field)
    return "".join(parts)
