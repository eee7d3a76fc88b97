"""What is wrong with a filter, in the operator's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from shoptui.i18n import _
from shoptui.queries.filter import FilterError

_Arguments = Mapping[str, str]


def filter_said(error: FilterError) -> str:
    """The sentence of a fault. One this program has no words for says what the parser said, in English."""
    words = _WORDS.get(error.reason_id)
    return error.sentence if words is None else words(error.arguments)


def _no_such_word(args: _Arguments) -> str:
    if args["near"]:
        return _("{word} is no {field}. Did you mean {near}?").format(**args)
    return _("{word} is no {field}. Use one of {known}.").format(**args)


def _no_such_field(args: _Arguments) -> str:
    hint = _("Did you mean {near}?") if args["near"] else _("Fields are {known}.")
    what = _("{word}: is no field. {hint} To look for it as text, put it in quotes.")
    return what.format(word=args["word"], hint=hint.format(**args))


def _no_time(args: _Arguments) -> str:
    return _("{word} is no time. Use {examples}").format(
        word=args["word"], examples=_(" or ").join(args["examples"].split())
    )


def _no_unit(args: _Arguments) -> str:
    if not args["word"]:
        return _("{number} has no unit. Use m, h or d, as in {example}").format(**args)
    return _("{word} is no unit. Use m, h or d, as in {example}").format(**args)


# Looked up when it is said: the language may be another one by then.
_WORDS: Mapping[str, Callable[[_Arguments], str]] = {
    "too_long": lambda args: _("A filter has at most {limit} characters. Leave something out.").format(**args),
    "too_deep": lambda args: _("Brackets and minus signs go at most {limit} deep.").format(**args),
    "too_many": lambda args: _("A filter has at most {limit} conditions. Leave some out.").format(**args),
    "unopened": lambda args: _("This ) closes nothing. Remove it, or put a ( before."),
    "unclosed": lambda args: _("This ( is never closed. Put a ) where it ends."),
    "unclosed_quote": lambda args: _('This " is never closed. Put another " where the text ends.'),
    "nothing_negated": lambda args: _("Nothing follows the minus. Type it right before what to leave out."),
    "nothing_here": lambda args: _("Something to look for is missing here."),
    "no_letters": lambda args: _("There is no letter or digit to look for. Type a word, or field:value."),
    "no_such_field": _no_such_field,
    "no_such_word": _no_such_word,
    "no_value": lambda args: _("{field}: needs a value, as in {example}").format(**args),
    "too_short": lambda args: _(
        "{word} is too short: type the whole number or at least its last {least} characters."
    ).format(**args),
    "no_time": _no_time,
    "no_unit": _no_unit,
    "no_number": lambda args: _("{word} is no number of whole {unit}. Use {example}").format(**args),
    "no_amount": lambda args: _("{word} is no amount. Use < or > and a number, as in {example}").format(**args),
    "no_plain_digits": lambda args: _("Write the amount in plain digits, as in {example}").format(**args),
    "no_currency": lambda args: _(
        "{word} is no currency. Use its three letters or none, as in value:>10 or value:>10usd"
    ).format(**args),
}
