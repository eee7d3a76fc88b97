"""The steps by which stores are connected from the cockpit: app, link, code, shops; each a form in the strip."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from shoptui.client import Answer
from shoptui.cockpit.notices import Tone
from shoptui.domain.marketplaces import MARKETPLACES
from shoptui.i18n import _
from shoptui.queries.types import StoreRow
from shoptui.screens.add_store import ChooseShopsForm, EntryForm, SignInForm
from shoptui.screens.forms import Choice, ChoiceForm, Form
from shoptui.screens.place import Place
from shoptui.words import marketplace_name

#: Refusals after which trying again in the same form cannot help.
_OVER = frozenset({"not_allowed", "no_engine", "engine_stopping", "unknown_request"})

Answered = Callable[[Answer], None]
#: What a link is asked for with, as `sign_in_begin` takes it.
Fields = Mapping[str, object]


class StoreConnector:
    """Asks and answers on behalf of a place. Everything an engine refuses is said in the form it was typed into."""

    def __init__(self, place: Place, done: Callable[[], None]) -> None:
        """`done` is called when stores have come or were signed in again."""
        self._place = place
        self._done = done

    # -- apps -------------------------------------------------------------------------------------------------------

    def add(self, marketplace: str = "") -> None:
        """Begin: through which app, or set one up first."""

        def answered(answer: Answer) -> None:
            if answer.ok:
                self._choose_app(answer, marketplace)
            else:
                self._say(answer.say, Tone.BAD)

        self._place.ask("apps", answered)

    def _choose_app(self, answer: Answer, marketplace: str) -> None:
        apps = [one for one in answer.body["apps"] if marketplace in {"", one["marketplace"]} and one["can_sign_in"]]
        known = [one for one in answer.body["marketplaces"] if marketplace in {"", one}]
        taken = {str(one["app"]) for one in answer.body["apps"]}
        if not apps and len(known) == 1:
            self._ask_app(known[0], taken)
            return
        offers: list[tuple[str, Callable[[], None]]] = []
        for one in apps:
            label = _("{marketplace} through the app {app}").format(
                marketplace=marketplace_name(one["marketplace"]), app=one["app"]
            )
            offers.append((label, partial(self._begin, {"app": one["app"]})))
        for name in known:
            label = _("{marketplace}: set up an app").format(marketplace=marketplace_name(name))
            offers.append((label, partial(self._ask_app, name, taken)))
        choices = [Choice((str(number),), str(number), label) for number, (label, _step) in enumerate(offers, 1)]
        title = _("CONNECT A STORE: where, and through which app")
        self._open(ChoiceForm(title, choices, lambda place: offers[place][1]()))

    def _ask_app(self, marketplace: str, taken: set[str]) -> None:
        """A further app needs a name of its own; the first is called like its marketplace."""
        if marketplace not in taken:
            self._ask_key(marketplace, marketplace)
            return
        title = _("SET UP AN APP: what it is called here")
        help_line = _("Small letters, digits and dashes; {taken} are taken.").format(taken=", ".join(sorted(taken)))
        self._open(EntryForm(title, _("name"), [help_line], partial(self._ask_key, marketplace)))

    def _ask_key(self, marketplace: str, app: str, *, wrong: str = "") -> None:
        title = _("SET UP {marketplace}: the app key").format(marketplace=marketplace_name(marketplace))
        help_line = _("It stands with the secret on the app's page of the developer site (Partner Center).")
        submit = partial(self._ask_secret, marketplace, app)
        self._open(EntryForm(title, _("app key"), [help_line], submit, wrong=wrong))

    def _ask_secret(self, marketplace: str, app: str, app_key: str) -> None:
        title = _("SET UP {marketplace}: the app secret").format(marketplace=marketplace_name(marketplace))
        help_line = _("It is not shown. The engine keeps it in a file that nobody else can read.")

        def submit(secret: str) -> None:
            def answered(answer: Answer) -> None:
                if answer.ok:
                    self._say(_("The app {app} is set up.").format(app=app), Tone.GOOD)
                    self._begin({"app": app}, form)
                elif answer.reason in _OVER:
                    self._leave(form, answer.say)
                elif not form.gone:
                    self._ask_key(marketplace, app, wrong=answer.say)

            self._place.ask("app_add", answered, app=app, marketplace=marketplace, app_key=app_key, app_secret=secret)

        form = EntryForm(title, _("app secret"), [help_line], submit, hidden=True)
        self._open(form)

    # -- sign-in ----------------------------------------------------------------------------------------------------

    def sign_in(self, store: StoreRow) -> None:
        """Authorise a store again; asks for what, where its marketplace has another app here for conversations."""
        line = MARKETPLACES.get(store.marketplace)
        if line is None or not line.has_chat_apps:
            self._begin({"store_id": store.store_id})
            return

        def answered(answer: Answer) -> None:
            if answer.ok:
                self._choose_purpose(store, _chat_apps(store, answer.body["apps"]))
            else:
                self._say(answer.say, Tone.BAD)

        self._place.ask("apps", answered)

    def _choose_purpose(self, store: StoreRow, chat_apps: Sequence[str]) -> None:
        purposes: list[Fields] = [{"store_id": store.store_id}]
        purposes += [{"store_id": store.store_id, "chat": True, "app": app} for app in chat_apps]
        if len(purposes) == 1:
            self._begin(purposes[0])
            return
        labels = [_("orders, through the app {app}").format(app=store.app)]
        labels += [_("conversations, through the app {app}").format(app=app) for app in chat_apps]
        choices = [Choice((str(number),), str(number), label) for number, label in enumerate(labels[:9], 1)]
        title = _("SIGN IN {store}: for its orders, or for its conversations").format(store=store.store_id)
        self._open(ChoiceForm(title, choices, lambda place: self._begin(purposes[place])))

    def _begin(self, fields: Fields, after: EntryForm | None = None) -> None:
        """Ask for a link, coming from the form `after` if there is one; when that was left meanwhile, so is this."""

        def answered(answer: Answer) -> None:
            if not answer.ok:
                self._leave(after, answer.say)
            elif after is not None and after.gone:
                return
            elif answer.body["pasted"]:
                self._hand_in(fields, answer, after, "")
            else:
                self._ask_code(fields, answer)

        self._place.ask("sign_in_begin", answered, **fields)

    def _ask_code(self, fields: Fields, begun: Answer, wrong: str = "") -> None:
        link, store_id = str(begun.body["link"]), str(fields.get("store_id", ""))
        where = marketplace_name(str(begun.body["marketplace"]))
        title = _("CONNECT A STORE: {marketplace}").format(marketplace=where)
        if fields.get("chat"):
            title = _("SIGN IN {store} FOR ITS CONVERSATIONS, {marketplace}").format(store=store_id, marketplace=where)
        elif store_id:
            title = _("SIGN IN AGAIN: {store}, {marketplace}").format(store=store_id, marketplace=where)

        def copy() -> None:
            self._place.app.copy_to_clipboard(link)
            self._say(_("The link was sent to the terminal's clipboard."))

        def submit(pasted: str) -> None:
            self._hand_in(fields, begun, form, pasted)

        form = SignInForm(title, link, submit, copy, wrong=wrong)
        self._open(form)

    def _hand_in(self, fields: Fields, begun: Answer, form: EntryForm | None, pasted: str) -> None:
        state = str(begun.body["state"])

        def answered(answer: Answer) -> None:
            left = form is not None and form.gone
            if answer.ok:
                self._signed_in(state, answer, form, for_chat=bool(fields.get("chat")))
            elif answer.reason in _OVER or left:
                self._leave(form, answer.say)
            elif answer.reason == "no_sign_in":
                self._say(answer.say, Tone.BAD)
                self._begin(fields, form)
            elif answer.reason == "marketplace":
                again = _("{why} Nothing is lost: paste the same again in a moment.").format(why=answer.say)
                self._ask_code(fields, begun, again)
            else:
                self._ask_code(fields, begun, answer.say)

        self._place.ask("sign_in_code", answered, state=state, pasted=pasted)

    def _signed_in(self, state: str, answer: Answer, form: EntryForm | None, *, for_chat: bool) -> None:
        renewed: Sequence[str] = answer.body["signed_in"]
        shops: Sequence[Mapping[str, Any]] = answer.body["shops"]
        if renewed:
            words = _("{stores} signed in again; being read now.")
            if for_chat:
                words = _("{stores} signed in for conversations; they are being read now.")
            self._say(words.format(stores=", ".join(renewed)), Tone.GOOD)
            self._done()
        wanted = any(not shop["here"] for shop in shops)
        if form is not None and form.gone:
            if wanted:
                self._say(_("The code was taken; connecting again goes on with the choice of shops."))
        elif wanted:
            self._open(ChooseShopsForm(shops, partial(self._take, state)))
        elif form is not None:
            form.close()

    def _take(self, state: str, chosen: list[tuple[str, str]]) -> None:
        def answered(answer: Answer) -> None:
            if not answer.ok:
                self._say(answer.say, Tone.BAD)
                return
            added = ", ".join(answer.body["added"])
            self._say(_("{stores} connected; the first sync runs.").format(stores=added), Tone.GOOD)
            self._done()

        self._place.ask("store_add", answered, state=state, shops=[list(pair) for pair in chosen])

    # -- the strip --------------------------------------------------------------------------------------------------

    def _open(self, form: Form) -> None:
        self._place.post_message(Place.FormWanted(form))

    def _leave(self, form: EntryForm | None, sentence: str) -> None:
        """It cannot go on: say why, and close the form if it is still there."""
        if form is not None and not form.gone:
            form.close()
        self._say(sentence, Tone.BAD)

    def _say(self, sentence: str, tone: Tone = Tone.NEWS) -> None:
        self._place.session.say(sentence, tone=tone)
        self._place.post_message(Place.StateChanged())


def _chat_apps(store: StoreRow, apps: Sequence[Mapping[str, Any]]) -> list[str]:
    """The apps its conversations may be read through beside the one for orders: the one it has, else all there are."""
    if store.chat_app != store.app:
        return [store.chat_app]
    others = [one for one in apps if one["marketplace"] == store.marketplace and one["app"] != store.app]
    # An app that stores are read through is one for orders.
    return [str(one["app"]) for one in others if one["usable"] and not (one["can_sign_in"] and one["stores"])]
