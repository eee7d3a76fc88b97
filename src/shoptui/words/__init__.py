"""The sentences behind ids: statuses, clocks, causes, reasons, alerts and results, in the operator's language."""

from shoptui.words.alerts import alert_said, feed_words, gap_words
from shoptui.words.intents import (
    block_words,
    cause_said,
    cause_short,
    left_out_sentence,
    state_words,
    verb_head,
    verb_word,
)
from shoptui.words.orders import (
    consequence_words,
    flag_words,
    history_words,
    kind_advice,
    kind_word,
    marketplace_name,
    source_words,
    status_short,
)
from shoptui.words.results import (
    BatchSum,
    away_line,
    hold_line,
    orders_count,
    progress_line,
    result_line,
    stores_count,
    taken_back_line,
)
from shoptui.words.said import Said
from shoptui.words.times import LIVE_BELOW_S, age_words, clock_time, clock_time_s, moment_words, money_words, span_words

__all__ = [
    "LIVE_BELOW_S",
    "BatchSum",
    "Said",
    "age_words",
    "alert_said",
    "away_line",
    "block_words",
    "cause_said",
    "cause_short",
    "clock_time",
    "clock_time_s",
    "consequence_words",
    "feed_words",
    "flag_words",
    "gap_words",
    "history_words",
    "hold_line",
    "kind_advice",
    "kind_word",
    "left_out_sentence",
    "marketplace_name",
    "moment_words",
    "money_words",
    "orders_count",
    "progress_line",
    "result_line",
    "source_words",
    "span_words",
    "state_words",
    "status_short",
    "stores_count",
    "taken_back_line",
    "verb_head",
    "verb_word",
]
