"""What the words of the cockpit mean: the short topics at the end of Help."""

from __future__ import annotations

from shoptui.domain.records import dataclass
from shoptui.i18n import later


@dataclass(frozen=True, slots=True)
class Topic:
    """One thing to know. Both are message ids."""

    title: str
    text: str


TOPICS: tuple[Topic, ...] = (
    Topic(
        later("clock"),
        later(
            "A moment after which something is lost, and the word says what has to be done before: arr arrange the "
            "shipment, hand hand it over, pick have it ready for the van, fast for the bonus, creq answer the buyer's "
            "wish to cancel. At cxl the marketplace cancels, at dlv it has to be delivered. K says where the time is "
            "from and what stops the clock."
        ),
    ),
    Topic(
        later("next loss"),
        later(
            "The nearest clock still running. Lists are sorted by it. Orders that have missed a clock are folded into "
            "the first line, so that they never bury what can still be saved; Enter opens it."
        ),
    ),
    Topic(
        later("mark"),
        later(
            "A verb takes the marked orders, also those filtered out since (the strip counts them); without marks it "
            "takes the row under the cursor. While something is marked the rows keep their places."
        ),
    ),
    Topic(
        later("strip"),
        later(
            "What a verb opens: what would be done, what is left out and why. F9 or Ctrl-Y does it, once it could be "
            "read and when no other key comes with it. Nothing else ever sends: no letter, no Enter, no scan."
        ),
    ),
    Topic(
        later("hold"),
        later(
            "After F9 everything waits ten seconds here before it is sent; with under a minute left on its clock, two. "
            "Until then z takes it back and nothing has happened. (b is another thing: it holds orders back, so that "
            "nobody ships them before they are released.)"
        ),
    ),
    Topic(
        later("signs of the outbox"),
        later("» waits or is next, ~ is on its way, ✓ done, ✗ failed, ? unknown, Y wants your decision."),
    ),
    Topic(
        later("failed"),
        later(
            "The marketplace refused, and nothing was done. In Activity (g a) failures stand by cause: e proposes what "
            "mends the group, s sends it again as it is, x gives it up."
        ),
    ),
    Topic(
        later("unknown"),
        later(
            "The answer was lost: it may have been done. Nothing is sent again before the marketplace has been read "
            "back; the line says when that can be, and settles itself. Do not do it by hand meanwhile."
        ),
    ),
    Topic(
        later("your decision"),
        later(
            "Nothing can prove whether it was done. Look in the seller's own pages, then a: it was done, x: it was "
            "not. Only after that can it be sent again."
        ),
    ),
    Topic(
        later("scan gate"),
        later(
            "What comes as fast as only a scanner types is a code, not keys: it opens the order or fills a field that "
            "expects a code. It never confirms or marks anything. While a question is open it is kept; ' opens it."
        ),
    ),
    Topic(
        later("rows hold still"),
        later(
            "While you mark, type or read a strip no row moves: arrivals are counted at the right (+3 new). A dot "
            "sorts anew; so do five seconds without a key."
        ),
    ),
    Topic(
        later("engine"),
        later(
            "The program in the background that reads the marketplaces and sends. Leaving the cockpit, or losing the "
            "link to it, stops nothing. Without it the list stays as it was, with its age, and nothing can be sent."
        ),
    ),
    Topic(
        later("~ before a store"),
        later("Its rows are old: it has not answered for a while. Its clocks run on all the same. g e says why."),
    ),
)
