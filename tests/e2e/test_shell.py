"""The shell commands as scripts use them: formats, exit codes, and that they order no more than they say."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from shoptui.shell.exits import Exit
from tests.e2e.live import SHOPTUI, PersonalHouse, wait_until
from tests.e2e.terminal import Terminal

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("shell")]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PersonalHouse]:
    """A house of one's own that was read once; its orders are held for a second only."""
    root = tmp_path_factory.mktemp("shell") / "house"
    with PersonalHouse(root, stores=3, orders=240, hold_s=1) as made:
        assert made.run("engine", "--once").returncode == Exit.OK
        yield made


def test_the_three_formats_say_the_same(house: PersonalHouse) -> None:
    ask = ("orders", "list", "--filter", "due:<24h status:to_ship", "--format")
    table, as_json, as_csv = (house.run(*ask, form) for form in ("table", "json", "csv"))
    assert {table.returncode, as_json.returncode, as_csv.returncode} == {Exit.OK}

    records = json.loads(as_json.stdout)
    rows = list(csv.DictReader(io.StringIO(as_csv.stdout)))
    lines = table.stdout.splitlines()
    numbers = [record["order"] for record in records]
    assert len(numbers) > 5
    assert [row["order"].lstrip("'") for row in rows] == numbers
    assert [re.findall(r"\b\d{18}\b", line) for line in lines[1:]] == [[number] for number in numbers]
    assert re.sub(" +", " ", lines[0].strip()) == "NEXT LOSS KIND STORE ORDER STATUS ACT ITEMS CARRIER VALUE BUYER"
    assert {record["status"] for record in records} == {"to_ship"}
    losses = [record["next_loss_at"] for record in records if not record["missed"]]
    assert losses == sorted(losses)


def test_a_formula_stays_text_in_a_spreadsheet(house: PersonalHouse) -> None:
    formula = "=hyperlink(1)"
    with Terminal([*SHOPTUI, "attach"], env=house.env) as cockpit:
        cockpit.wait_for("│ live │", 30)
        cockpit.press_apart("#")
        cockpit.wait_for("TAG ")
        for character in formula:
            cockpit.press_apart(character, gap_s=0.04)
        cockpit.wait_for(formula)
        cockpit.press("enter")
        cockpit.wait_for(f"#{formula} is on")
        cockpit.press("ctrl+q")
        cockpit.wait_exit()
    tagged = house.run("orders", "list", "--filter", "tag:*hyperlink*", "--format", "csv")
    assert tagged.returncode == Exit.OK, tagged.stderr
    rows = list(csv.DictReader(io.StringIO(tagged.stdout)))
    assert [row["tags"] for row in rows] == [f"'{formula}"]


@pytest.mark.parametrize(
    ("filter_text", "wrong", "advice"),
    [("due:<4x", "4x", "due:<4h"), ("status:ship colour:red", "colour", ""), ('"never closed', '"', "")],
)
def test_a_wrong_filter_is_pointed_at(house: PersonalHouse, filter_text: str, wrong: str, advice: str) -> None:
    for command in ("list", "ship"):
        done = house.run("orders", command, "--filter", filter_text)
        assert done.returncode == Exit.USAGE
        assert done.stdout == ""
        said, pointer, sentence, *rest = done.stderr.splitlines()
        assert said == filter_text
        assert set(pointer.strip()) == {"^"}
        pointed_at = filter_text[pointer.index("^") : len(pointer)]
        assert wrong in pointed_at or pointed_at in wrong
        assert sentence and advice in sentence
        assert rest == []


def test_nothing_matches(house: PersonalHouse) -> None:
    listed = house.run("orders", "list", "--filter", "sku:NO-SUCH-THING")
    assert listed.returncode == Exit.NOTHING
    shipped = house.run("orders", "ship", "--filter", "sku:NO-SUCH-THING", "--yes")
    assert shipped.returncode == Exit.NOTHING


def test_dry_run_and_an_unanswered_question_order_nothing(house: PersonalHouse) -> None:
    before = house.outbox()
    dry = house.run("orders", "ship", "--filter", "due:<12h", "--dry-run")
    assert dry.returncode == Exit.OK
    assert re.match(r"SHIP \d+ of \d+ orders, \d+ parcels, \d stores\n", dry.stderr)
    unanswered = house.run("orders", "ship", "--filter", "due:<12h", stdin="1\n")
    assert unanswered.returncode == Exit.NOTHING
    assert "Not a terminal: add --yes" in unanswered.stderr
    with Terminal([*SHOPTUI, "orders", "ship", "--filter", "due:<12h"], env=house.env) as asked:
        asked.wait_for("to ship, anything else leaves")
        asked.press("y", "enter")
        asked.wait_for("Nothing was ordered.")
        assert asked.wait_exit() == Exit.NOTHING
    assert house.outbox() == before
    assert house.shipped() == []


def _sound_targets(house: PersonalHouse, count: int) -> list[tuple[str, str]]:
    """Orders with one parcel that can be shipped and will not be refused: order number and package."""
    found: list[tuple[str, str]] = []
    for candidate in house.candidates("status:to_ship"):
        if len(candidate.package_ids) != 1 or candidate.ship_block or candidate.acts or candidate.flags:
            continue
        package_id = candidate.package_ids[0]
        house.poke("flaw", package_id=package_id, kind=None)
        house.poke("weight", package_id=package_id, weight_g=400)
        found.append((candidate.order_no, package_id))
        if len(found) == count:
            break
    assert len(found) == count
    return found


def test_ship_with_yes_ships_and_tells_what_failed(house: PersonalHouse) -> None:
    (good, good_package), (bad, bad_package) = _sound_targets(house, 2)
    house.poke("flaw", package_id=bad_package, kind="frozen")

    done = house.run("orders", "ship", "--filter", f"order:{good}", "--yes")
    assert done.returncode == Exit.OK, done.stderr
    assert done.stderr.splitlines()[-1] == "1 done"
    assert Counter(house.shipped()) == {good_package: 1}

    failed = house.run("orders", "ship", "--filter", f"order:{bad}", "--yes")
    assert failed.returncode == Exit.FAILED, failed.stderr
    assert failed.stderr.splitlines()[-2].startswith("  1 not shipped: frozen")
    assert failed.stderr.splitlines()[-1] == "1 failed"
    assert Counter(house.shipped()) == {good_package: 1}

    again = house.run("orders", "ship", "--filter", f"order:{good}", "--yes")
    assert again.returncode == Exit.NOTHING
    assert "left out 1:" in again.stderr


def test_ship_without_waiting_is_undecided(house: PersonalHouse) -> None:
    ((order_no, package_id),) = _sound_targets(house, 1)
    done = house.run("orders", "ship", "--filter", f"order:{order_no}", "--yes", "--no-wait")
    assert done.returncode == Exit.UNDECIDED
    wait_until(lambda: house.shipped().count(package_id) == 1, "the parcel goes out")


def _effects(house: PersonalHouse, order_no: str) -> list[str]:
    """What took effect on an order at the marketplace, oldest first."""
    return [row["op"] for row in house.journal() if row["order_id"] == order_no and row["effect"] == "applied"]


def test_held_orders_are_left_out_until_they_are_released(house: PersonalHouse) -> None:
    ((order_no, _package_id),) = _sound_targets(house, 1)
    assert house.run("orders", "hold", "--filter", f"order:{order_no}", "--reason", "count it", "--yes").returncode == 0
    refused = house.run("orders", "ship", "--filter", f"order:{order_no}", "--yes")
    assert refused.returncode == Exit.NOTHING
    assert "left out 1: on hold" in refused.stderr
    released = house.run("orders", "release", "--filter", f"order:{order_no}", "--yes")
    assert released.stderr == "1 of 1 changed\n"
    assert _effects(house, order_no) == []


def test_tags_notes_and_an_unanswered_question(house: PersonalHouse) -> None:
    ((order_no, _package_id),) = _sound_targets(house, 1)
    only = ("--filter", f"order:{order_no}")
    assert house.run("orders", "tag", "gift-box", *only).returncode == Exit.NOTHING
    assert house.orders("tag:gift-box") == []
    assert house.run("orders", "tag", "gift-box", *only, "--yes").returncode == Exit.OK
    assert [row.order_no for row in house.orders("tag:gift-box")] == [order_no]
    assert (
        house.run("orders", "note", "--text", "no invoice in the box", "--ours", *only, "--yes").returncode == Exit.OK
    )
    assert house.orders(f"order:{order_no}")[0].has_note
    # TikTok Shop lets nobody write the seller's note.
    kept = house.run("orders", "note", "--text", "no invoice in the box", *only, "--yes")
    assert kept.returncode == Exit.OK, kept.stderr
    said = kept.stderr.splitlines()
    assert said[0].startswith(f"{house.orders(f'order:{order_no}')[0].store_id}: goes to our own notes")
    assert said[-1] == "1 of 1 changed"


def test_ship_with_labels_keeps_them_and_label_has_nothing_left_to_do(house: PersonalHouse) -> None:
    ((order_no, package_id),) = _sound_targets(house, 1)
    done = house.run("orders", "ship", "--filter", f"order:{order_no}", "--labels", "--yes")
    assert done.returncode == Exit.OK, done.stderr
    assert done.stderr.splitlines()[-2:] == ["ship: 1 done", "label: 1 done"]
    assert house.shipped().count(package_id) == 1


def test_labels_are_saved_and_goods_are_listed(house: PersonalHouse, tmp_path: Path) -> None:
    ((order_no, _package_id),) = _sound_targets(house, 1)
    only = ("--filter", f"order:{order_no}")
    picked = house.run("orders", "pick-list", *only, "--format", "csv")
    assert picked.returncode == Exit.OK, picked.stderr
    rows = list(csv.DictReader(io.StringIO(picked.stdout.lstrip("\ufeff"))))
    lines = [line for line in rows if order_no in line["order_numbers"]]
    assert lines and all(int(line["quantity"]) > 0 for line in lines)
    table = house.run("orders", "pick-list", *only)
    assert table.returncode == Exit.OK, table.stderr
    assert len(table.stdout.splitlines()) == 1 + len(lines) and all(line["sku"] in table.stdout for line in lines)
    sheet = tmp_path / "pick.pdf"
    assert house.run("orders", "pick-list", *only, "--format", "pdf", "--out", str(sheet)).returncode == Exit.OK
    assert sheet.read_bytes().startswith(b"%PDF")

    nothing = house.run("orders", "save-labels", *only)
    assert nothing.returncode == Exit.NOTHING
    assert house.run("orders", "ship", "--labels", *only, "--yes").returncode == Exit.OK
    saved = house.run("orders", "save-labels", *only, "--folder", str(tmp_path / "out"))
    assert saved.returncode == Exit.OK, saved.stderr
    (file,) = (tmp_path / "out").iterdir()
    assert str(file) in saved.stdout
    assert file.read_bytes().startswith(b"%PDF")


def test_tracking_numbers_come_from_a_file(house: PersonalHouse, tmp_path: Path) -> None:
    own = next(
        row for row in house.orders("ship:seller status:to_ship -flag:cancel") if row.ship_block == "seller_shipping"
    )
    carriers = house.run("orders", "reasons", "--verb", "ship_own", "--filter", f"order:{own.order_no}")
    assert carriers.returncode == Exit.OK, carriers.stderr
    carrier = carriers.stdout.splitlines()[0].split("\t")[2]
    file = tmp_path / "numbers.csv"

    file.write_text(f"order,tracking\n{own.order_no},x\n{own.order_no},ABCD12345\n")
    wrong = house.run("orders", "ship-own", "--csv", str(file), "--carrier", carrier, "--yes")
    assert wrong.returncode == Exit.USAGE
    assert "nothing was sent. Line 2: " in wrong.stderr
    assert _effects(house, own.order_no) == []

    file.write_text(f"order,tracking\n{own.order_no},ABCD12345\n12345,ABCD12346\n")
    done = house.run("orders", "ship-own", "--csv", str(file), "--carrier", carrier, "--yes")
    assert done.returncode == Exit.OK, done.stderr
    assert "in the file, but not among these orders: 12345" in done.stderr
    assert len(_effects(house, own.order_no)) == 1


def test_a_split_names_goods_that_are_there(house: PersonalHouse) -> None:
    ((order_no, _package_id),) = _sound_targets(house, 1)
    wrong = house.run("orders", "split", "--filter", f"order:{order_no}", "--apart", "NO-SUCH", "--yes")
    assert wrong.returncode == Exit.USAGE
    assert f"Order {order_no} has no SKU NO-SUCH left to put apart; it has " in wrong.stderr
    many = house.run("orders", "split", "--filter", "status:to_ship", "--apart", "NO-SUCH", "--yes")
    assert many.returncode == Exit.USAGE
    assert "a split is for one" in many.stderr


def test_cancel_takes_the_marketplaces_own_reason_by_its_words(house: PersonalHouse) -> None:
    ((order_no, _package_id),) = _sound_targets(house, 1)
    only = ("--filter", f"order:{order_no}")
    listed = house.run("orders", "reasons", *only)
    assert listed.returncode == Exit.OK, listed.stderr
    words = listed.stdout.splitlines()[0].split("\t")[2]

    wrong = house.run("orders", "cancel", "--reason", "no_such_reason", *only, "--dry-run")
    assert wrong.returncode == Exit.USAGE
    assert "the reason 'no_such_reason'. Nothing was ordered. There are: " in wrong.stderr
    assert words in wrong.stderr
    assert "cancel" not in " ".join(_effects(house, order_no))
    done = house.run("orders", "cancel", "--reason", words.upper(), *only, "--yes")
    assert done.returncode == Exit.OK, done.stderr
    again = house.run("orders", "cancel", "--reason", words, *only, "--yes")
    assert again.returncode == Exit.NOTHING


def test_a_buyers_wish_to_cancel_is_answered_once(house: PersonalHouse) -> None:
    ((order_no, _package_id),) = _sound_targets(house, 1)
    only = ("--filter", f"order:{order_no}")
    assert house.run("orders", "answer-cancel", "--accept", *only, "--yes").returncode == Exit.NOTHING
    house.poke("buyer_cancel_request", order_id=order_no)
    assert house.run("stores", "check").returncode == Exit.OK
    wait_until(lambda: bool(house.orders(f"order:{order_no} flag:cancel")), "the request is read", 90)
    refusing = house.run("orders", "answer-cancel", "--refuse", *only, "--yes")
    assert refusing.returncode == Exit.USAGE
    assert "Refusing needs --reason" in refusing.stderr
    done = house.run("orders", "answer-cancel", "--accept", *only, "--yes")
    assert done.returncode == Exit.OK, done.stderr
    assert len([op for op in _effects(house, order_no) if "approve" in op]) == 1


def test_engine_once_tells_by_its_exit_code(tmp_path: Path) -> None:
    with PersonalHouse(tmp_path / "house", stores=2, orders=60) as house:
        assert house.run("engine", "--once").returncode == 0
        sick, well = house.store_ids
        region = sick.split("-")[1].upper()
        # One call alone: each that fails is tried again a few times.
        one_call = {"shop_id": house.shops[region], "path": r"/orders/search$"}
        house.faults({"match": one_call, "do": {"status": 503}})
        done = house.run("engine", "--once")
        assert done.returncode == 1
        assert f"{sick}: " in done.stderr
        assert well not in done.stderr
        assert "Traceback" not in done.stderr


def test_no_house_is_said_in_a_sentence(tmp_path: Path) -> None:
    with PersonalHouse(tmp_path / "house", stores=1, orders=10) as house:
        listed = house.run("--data-dir", str(tmp_path / "elsewhere"), "orders", "list")
        assert listed.returncode == Exit.NOTHING
        assert listed.stderr.startswith(f"There is no shoptui house in {tmp_path / 'elsewhere'} yet.")
        assert not (tmp_path / "elsewhere").exists()
        stopped = house.run("engine", "--stop")
        assert stopped.returncode == Exit.NO_ENGINE
        assert stopped.stderr == "No engine runs in this house; nothing to stop.\n"
