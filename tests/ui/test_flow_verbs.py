"""The order desk's other verbs over a real engine and the sandbox, with the keys an operator presses."""

from __future__ import annotations

from pathlib import Path

from shoptui.domain.intents import IntentState, Verb
from tests.engine.support import shipped
from tests.ui.flow_support import flow, flow_cockpit


async def test_ship_and_print_without_a_printer_keeps_the_labels(tmp_path: Path) -> None:
    async with flow(tmp_path) as served, flow_cockpit(served) as under_test:
        await under_test.do("order.print")
        text = under_test.screen_text()
        assert "SHIP, KEEP LABELS 1 of 1 order" in text
        assert "no printer is set up" in text
        await under_test.confirm()
        assert "then SHIP, KEEP LABELS 1 goes out" in under_test.line("message")
        await under_test.to_the_end()
        intents = await served.engine.house.writer.batch(under_test.app.session.house.batches[0].batch_id)
        assert [(intent.verb, intent.state) for intent in intents] == [
            (Verb.SHIP, IntentState.DONE),
            (Verb.LABEL, IntentState.DONE),
        ]
        assert list(shipped(served.made.live).values()) == [1]
        assert "✓ 1 shipped, 1 label kept." in under_test.line("message")
