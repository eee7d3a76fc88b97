"""Writes what each marketplace can do into docs/capabilities.md, between its marks, from the adapters themselves.

Usage: python -m scripts.capabilities [--check]. With --check nothing is written; exit code 1 when the page is behind.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from shoptui.adapters.base import AppCredentials, Marketplace, TokenSet
from shoptui.adapters.registry import build, marketplaces
from shoptui.clock import SystemClock
from shoptui.domain.intents import SettleRule, Settling, Verb
from shoptui.domain.marketplaces import title_of
from shoptui.words import verb_head

PAGE = Path(__file__).resolve().parent.parent / "docs" / "capabilities.md"
_BEGIN, _END = "<!-- capabilities -->\n", "<!-- /capabilities -->\n"

#: The house does these itself, wherever an order comes from.
_OURS = {Verb.PRINT: "by the house, on any printer it has"}
_SETTLED = {
    Settling.READ_BACK: "read back",
    Settling.READ_BACK_LATE: "read back, late",
    Settling.PERSON: "a person decides",
    Settling.RECOMPUTE: "computed anew",
    Settling.REPEAT: "asked again",
}


class _NoTokens:
    """An adapter's abilities are known without any store."""

    def load(self, store_id: str) -> TokenSet | None:
        return None

    async def save(self, store_id: str, tokens: TokenSet) -> None:
        raise AssertionError("nobody signs in here")


def adapters() -> list[Marketplace]:
    """One adapter of each marketplace, never to be called."""
    return [
        build(
            AppCredentials(name, name, "key", "secret", "https://api.invalid", "https://auth.invalid"),
            vault=_NoTokens(),
            clock=SystemClock(),
        )
        for name in marketplaces()
    ]


def table(markets: Iterable[Marketplace]) -> str:
    """Verbs by marketplace, then the reasons of what none can do, as Markdown."""
    found = list(markets)
    names = [title_of(market.name) for market in found]
    lines = ["| | " + " | ".join(names) + " |", "|---" * (len(found) + 1) + "|"]
    reasons: list[str] = []
    for verb in Verb:
        cells = [_cell(market, verb, reasons) for market in found]
        lines.append(f"| {verb_head(verb.value).capitalize()} (`{verb.value}`) | " + " | ".join(cells) + " |")
    lines.append("")
    lines += [f"{number}. {reason}" for number, reason in enumerate(reasons, start=1)]
    return "\n".join(lines).rstrip() + "\n"


def _cell(market: Marketplace, verb: Verb, reasons: list[str]) -> str:
    if verb in _OURS:
        return _OURS[verb]
    desk = market.desks.get(verb)
    if desk is not None:
        return f"yes, {desk.batch_max} a call; {_rule_words(desk.rule)}"
    refusal = market.never.get(verb)
    if refusal is None:
        return "not built"
    if refusal.reason not in reasons:
        reasons.append(refusal.reason)
    return f"no ({reasons.index(refusal.reason) + 1})"


def _rule_words(rule: SettleRule) -> str:
    after = _span(rule.first_look_s)
    again = "never sent again" if rule.resends == 0 else f"sent again at most {rule.resends}×"
    if rule.settling is Settling.REPEAT:
        return f"asked again until it is there, {_span(rule.give_up_s)} at most"
    return f"{_SETTLED[rule.settling]} after {after}, {again}"


def _span(seconds: int) -> str:
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"


def main() -> int:
    """Write the page, or with --check say whether it is behind."""
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    fresh = f"{before}{_BEGIN}{table(adapters())}{_END}{after}"
    if "--check" in sys.argv:
        if fresh != page:
            sys.stderr.write("docs/capabilities.md is behind the adapters: run python -m scripts.capabilities\n")
            return 1
        return 0
    PAGE.write_text(fresh, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
