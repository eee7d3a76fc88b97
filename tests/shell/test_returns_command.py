"""`shoptui returns` beside a running engine: lists, previews, answers and checks parcels in."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from shoptui.picture_file import PICTURE_MAX
from shoptui.queries.return_export import FIELDS
from shoptui.shell.exits import Exit
from tests.engine.support import bench, served
from tests.shell.support import Shell

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Desk(Shell):
    """The commands of returns, and what the marketplace knows of answers."""

    async def taking(self, answer: str) -> list[dict[str, Any]]:
        """The requests that take an answer now and have none under way."""
        rows = await self.rows("status:ours -ask:cancel")
        return [row for row in rows if answer in str(row["answers"]).split() and not row["act"]]

    def answered(self) -> Counter[str]:
        """How often the sandbox took an answer to each return."""
        journal = self.running.made.live.journal()
        return Counter(
            str(entry["target"])
            for entry in journal
            if entry["effect"] == "applied" and str(entry["op"]).endswith("_return")
        )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shell(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    async with bench(tmp_path_factory.mktemp("shell"), returns=60, orders=120) as made, served(made) as running:
        found = Desk(running, "returns")
        await found.until(lambda lane: lane.returns.feed.first_done)
        yield found


async def test_lists_as_table_json_and_csv(shell: Desk) -> None:
    rows = await shell.rows("status:open")
    assert rows
    table = await shell.type("list", "--limit", "2")
    assert table.exit_code == Exit.OK
    assert len(table.stdout.splitlines()) == 3
    assert rows[0]["return"] in table.stdout
    lines = list(csv.reader(io.StringIO((await shell.type("list", "--format", "csv")).stdout)))
    assert lines[0] == list(FIELDS)
    assert len(lines) == 1 + len(rows)
    assert (await shell.type("list", "--filter", "buyer:nobody-is-called-so")).exit_code == Exit.NOTHING


@pytest.mark.parametrize(
    ("words", "say"),
    [
        (("list", "--filter", "ret:soon"), "ret"),
        (("list", "--sort", "colour"), "no column"),
        (("answer", "agree"), "STORE/RETURN"),
        (("answer", "agree", "nothing"), "names no request"),
        (("answer", "agree", "tt-th-1/1", "--filter", "status:open"), "not both"),
        (("answer", "offer", "tt-th-1/1"), "--part"),
        (("answer", "agree", "tt-th-1/1", "--part", "30%"), "--part"),
        (("answer", "maybe", "tt-th-1/1"), "maybe"),
        (("answer", "agree", "tt-th-1/1", "--picture", __file__), "refuse"),
        (("answer", "refuse", "tt-th-1/1", "--picture", "nowhere.png"), "nowhere.png"),
        (("check-in", "soggy", "tt-th-1/1"), "soggy"),
    ],
)
async def test_wrong_usage_says_what_to_write(shell: Desk, words: tuple[str, ...], say: str) -> None:
    found = await shell.type(*words)
    assert found.exit_code == Exit.USAGE
    assert say in found.output


async def test_small_ones_are_refunded_once_each(shell: Desk) -> None:
    filter_text = "status:ours value:<5usd -ask:cancel"
    small = [row for row in await shell.taking("refund_only") if float(row["value_usd"]) < 5]
    assert len(small) > 3
    looked = await shell.type("answer", "refund-only", "--filter", filter_text, "--dry-run")
    assert looked.exit_code == Exit.OK
    assert f"REFUND ONLY {len(small)} of" in looked.output
    assert "about US$" in looked.output
    assert not shell.answered()
    asked = await shell.type("answer", "refund-only", "--filter", filter_text)
    assert asked.exit_code == Exit.NOTHING
    assert "--yes" in asked.output
    done = await shell.type("answer", "refund-only", "--filter", filter_text, "--yes")
    assert done.exit_code == Exit.OK, done.output
    assert shell.answered() == Counter(str(row["return"]) for row in small)
    nobody = await shell.type("answer", "refund-only", "tt-th-1/nowhere", "--yes")
    assert nobody.exit_code == Exit.NOTHING


async def test_a_refusal_wants_one_of_the_marketplaces_reasons(shell: Desk) -> None:
    row = (await shell.taking("refuse"))[0]
    name = f"{row['store']}/{row['return']}"
    wrong = await shell.type("answer", "refuse", name, "--reason", "no", "--comment", "as shown", "--yes")
    assert wrong.exit_code == Exit.NOTHING
    assert f"--reason for {row['store']}" in wrong.output
    listed = next(line for line in wrong.output.splitlines() if line.startswith("--reason for"))
    reason_id = listed.partition(": ")[2].partition(" (")[0]
    done = await shell.type("answer", "refuse", name, "--reason", reason_id, "--comment", "as shown", "--yes")
    assert done.exit_code == Exit.OK, done.output
    assert shell.answered()[str(row["return"])] == 1


async def test_pictures_are_handed_in_and_named_by_the_refusal(shell: Desk, tmp_path: Path) -> None:
    first, second = (await shell.taking("refuse"))[:2]
    name = f"{first['store']}/{first['return']}"
    listed = await shell.type("answer", "refuse", name, "--reason", "?", "--comment", "as shown", "--yes")
    reason_id = listed.output.partition("--reason for")[2].partition(": ")[2].partition(" (")[0]
    how = ("--reason", reason_id, "--comment", "as shown", "--yes")
    wet, words, large = tmp_path / "wet.png", tmp_path / "words.txt", tmp_path / "large.png"
    wet.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    words.write_text("no picture", encoding="utf-8")
    large.write_bytes(bytes(PICTURE_MAX + 1))
    pictures = ("--picture", str(wet))
    two = await shell.type("answer", "refuse", name, f"{second['store']}/{second['return']}", *how, *pictures)
    assert two.exit_code == Exit.USAGE
    assert "name that one" in two.output
    for path, code, said in ((words, Exit.FAILED, "Nothing was ordered."), (large, Exit.USAGE, "too large")):
        bad = await shell.type("answer", "refuse", name, *how, "--picture", str(path))
        assert (bad.exit_code, said in bad.output) == (code, True), bad.output
    assert shell.answered()[str(first["return"])] == 0
    looked = await shell.type("answer", "refuse", name, *how, *pictures, "--dry-run")
    assert looked.exit_code == Exit.OK
    done = await shell.type("answer", "refuse", name, *how, *pictures, "--picture", str(wet))
    assert done.exit_code == Exit.OK, done.output
    assert shell.answered()[str(first["return"])] == 1
    ordered = await shell.running.engine.house.writer.batch(done.output.partition("batch ")[2].split()[0])
    links = ordered[0].args["pictures"]
    assert isinstance(links, Sequence) and len(links) == 2


async def test_a_part_is_offered(shell: Desk) -> None:
    row = (await shell.taking("offer"))[0]
    name = f"{row['store']}/{row['return']}"
    assert (await shell.type("answer", "offer", name, "--part", "lots", "--yes")).exit_code == Exit.USAGE
    much = await shell.type("answer", "offer", name, "--part", "99999999", "--yes")
    assert much.exit_code == Exit.NOTHING
    assert "asks for no more than that" in much.output
    done = await shell.type("answer", "offer", name, "--part", "30%", "--yes")
    assert done.exit_code == Exit.OK, done.output
    assert shell.answered()[str(row["return"])] == 1


async def test_parcels_are_checked_in(shell: Desk) -> None:
    row = (await shell.rows("status:arrived"))[0]
    name = f"{row['store']}/{row['return']}"
    assert (await shell.type("check-in", "damaged", name, "--dry-run")).exit_code == Exit.OK
    assert (await shell.type("check-in", "damaged", name, "--note", "wet")).exit_code == Exit.OK
    (now,) = [each for each in await shell.rows("is:checked") if each["return"] == row["return"]]
    assert now["condition"] == "damaged"
    assert (await shell.type("check-in", "used", "--filter", "ask:cancel", "--yes")).exit_code == Exit.NOTHING
