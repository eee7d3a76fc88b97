"""The sentences of alerts and of how stores do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from shoptui.i18n import _
from shoptui.queries.types import Alert, FeedRow, StoreRow
from shoptui.words.money_alerts import money_alert_said
from shoptui.words.orders import marketplace_name
from shoptui.words.printing import printer_said
from shoptui.words.said import Said
from shoptui.words.times import date_words


def stores_silent_said(count: int, since: str, others: int) -> Said:
    """The sentence where several stores do not answer, the first since `since`, while `others` do."""
    what = _("~ {count} stores have not answered, the first since {since}: their rows are old.")
    todo = _("They are tried again by themselves; F5 tries now.")
    if not others:
        todo = _("None answers: look at the network here. They are tried again; F5 tries now.")
    return Said(what.format(count=count, since=since), todo)


def alert_said(alert: Alert, time: Callable[[int], str]) -> Said:
    """The sentence of an alert; `time` writes an epoch second as a clock time."""
    args = {key: str(value) for key, value in alert.args.items()}
    store = args.get("store") or args.get("store_id") or ""
    since = time(alert.raised_at)
    if (printers := printer_said(alert, since)) is not None:
        return printers
    if (money := money_alert_said(alert)) is not None:
        return money
    sentences = {
        "signed_out": Said(
            _("{store} signed us out at {since}: no orders come in, nothing goes out.").format(
                store=store, since=since
            ),
            _("g e, then a, signs in again (admin); what was ordered waits."),
        ),
        "store_silent": Said(
            _("~ {store} has not answered since {since}: its rows are old. The rest is live.").format(
                store=store, since=since
            ),
            _("It is tried again by itself; F5 tries now."),
        ),
        "gap": Said(
            _("{store}: {here} open orders here, {there} counted by the marketplace.").format(
                store=store, here=args.get("here", "?"), there=args.get("there", "?")
            ),
            _("The next full sweep looks for the rest; F5 starts it now."),
        ),
        "set_aside": Said(
            _("{store}: {count} records could not be read and are kept aside.").format(
                store=store, count=args.get("count", "1")
            ),
            _("g a 5 shows which and why; everything else went on."),
        ),
        "disk_full": Said(
            _("The disk is full: nothing can be written down, so nothing is accepted."),
            _("Free some space on the engine's machine."),
        ),
        "cache_rebuilt": Said(
            _("The cache was damaged and is being read again from the marketplaces."),
            _("Nothing that was ordered is lost; lists fill up as it goes."),
        ),
        "restored": Said(
            _(
                "Restored at {since} from the backup of {made}; open orders that wait for your decision: {count}."
            ).format(made=args.get("made", "?"), since=since, count=args.get("count", "?")),
            _("What was ordered after the backup is not listed: look at the orders before ordering anew."),
        ),
        "audit_broken": Said(
            _("The audit log's chain is broken at number {seq}.").format(seq=args.get("seq", "?")),
            _("Somebody changed the ledger from outside. Tell whoever is responsible; keep a copy."),
        ),
        "authorisation_ends": Said(
            _("{store}: the authorisation ends {date}; orders would stop coming.").format(
                store=store, date=_date(args.get("ends_at", ""), alert.raised_at)
            ),
            _("g e, then a, signs in again before that (admin)."),
        ),
        "no_permission": Said(
            _("{store}: our app lacks a permission there. The rest works.").format(store=store),
            _("An admin must grant it and authorise the store again."),
        ),
        "chat_not_granted": Said(
            _("{store}: the marketplace has not granted chat to our app. Orders and other stores go on.").format(
                store=store
            ),
            _("An admin asks for it in the app's console; then F5. Until then answer in Seller Center."),
        ),
        "chat_budget": Said(
            _("The app {app} has used {share} % of its chat calls of today.").format(
                app=args.get("app", "?"), share=args.get("share", "?")
            ),
            _("Looks for messages become rare until tomorrow; replies still go out while calls are left."),
        ),
        "stock_oversold": Said(
            _("{pools} SKUs are on offer or sold beyond what there is, {sku} first.").format(
                pools=args.get("pools", "?"), sku=args.get("sku", "?")
            ),
            _("g k, then s, shares what is free out anew."),
        ),
        "stock_runs_out": Said(
            _("{pools} SKUs run out within {hours} hours, {sku} first.").format(
                pools=args.get("pools", "?"), sku=args.get("sku", "?"), hours=args.get("least", "24")
            ),
            _("g k shows them; b gives the last units to one store."),
        ),
        "stock_low": Said(
            _("{pools} SKUs have fewer than {units} units left, {sku} first.").format(
                pools=args.get("pools", "?"), sku=args.get("sku", "?"), units=args.get("least", "?")
            ),
            _("g k, then / with low:<{units} lists them; b gives the last units to one store.").format(
                units=args.get("least", "?")
            ),
        ),
        "stock_out_of_step": Said(
            _("{pools} SKUs are offered less than they could be, {sku} first.").format(
                pools=args.get("pools", "?"), sku=args.get("sku", "?")
            ),
            _("g k, then s, shares what is free out anew."),
        ),
        "no_app": Said(
            _("{store} was authorised through the app {app}, which is not set up here: it is not read.").format(
                store=store, app=args.get("app", "?")
            ),
            _("An admin must set the app up again; what is cached stays."),
        ),
    }
    known = sentences.get(alert.kind)
    if known is not None:
        return known
    detail = args.get("say") or " ".join(f"{key} {value}" for key, value in sorted(args.items()))
    return Said(f"{alert.kind.replace('_', ' ')}: {detail}".strip(": "))


def _date(at: str, raised_at: int) -> str:
    """The day of a moment in UTC, "?" for what is none."""
    if not at.isdigit():
        return "?"
    day = datetime.fromtimestamp(int(at), UTC).date()
    return date_words(day, datetime.fromtimestamp(raised_at, UTC).date())


def feed_words(store: StoreRow, now: int) -> str:
    """How a store's link does, in at most a dozen cells."""
    feed = store.feed
    if store.paused:
        return _("paused")
    if feed is None:
        return _("not read yet")
    if feed.signed_out:
        return _("signed out")
    if feed.error_code == "not_granted":
        return _("not granted")
    if feed.failures:
        return feed.error_code or _("failing")
    if not feed.first_done:
        return _("first sync")
    return _("good")


def gap_words(feed: FeedRow, marketplace: str, time: Callable[[int], str]) -> str:
    """Whether our count of open orders agrees with the marketplace's."""
    if feed.counted_at is None or feed.here is None or feed.there is None:
        return _("not counted yet")
    if feed.here == feed.there:
        return _("none: {here} orders here, {there} counted by {marketplace} at {time}").format(
            here=f"{feed.here:,}",
            there=f"{feed.there:,}",
            marketplace=marketplace_name(marketplace),
            time=time(feed.counted_at),
        )
    return _("{here} orders here, but {there} counted by {marketplace} at {time}").format(
        here=f"{feed.here:,}",
        there=f"{feed.there:,}",
        marketplace=marketplace_name(marketplace),
        time=time(feed.counted_at),
    )
