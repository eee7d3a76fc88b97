"""Dispute packs: what is claimed and what is left out, letters in both languages, and the folder on the disk."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from shoptui.dispute_files import PackError, folder_name, free_folder, safe_name, write_pack
from shoptui.domain.anomalies import Anomaly, AnomalyKind
from shoptui.domain.clocks import DAY_S
from shoptui.domain.disputes import DISPUTE_MOVES, DisputePack, DisputeState, Evidence, Language, may_follow
from shoptui.domain.finance import FeeKind
from shoptui.domain.money import Money
from shoptui.domain.orders import HistoryEvent, Package, Status
from shoptui.queries.dispute_pack import document, letter, packed
from shoptui.queries.dispute_words import WORDS, why_text
from shoptui.queries.money import AnomalyRow, LineRow
from tests.domain.settlement_builders import AT, Sale, a_line, a_shop

SHOP = replace(a_shop(), name="Bags | & <more>", shop_id="500163")
COMMISSION = Anomaly(
    AnomalyKind.FEE_RATE,
    SHOP.store_id,
    "W46",
    "1J8C3T",
    Money(-287, "MYR"),
    Money(-431, "MYR"),
    "rate_differs",
    (("rule", "x"), ("book", "6.00"), ("taken", "9")),
    AT,
    "commission",
)
NEVER = replace(
    COMMISSION,
    kind=AnomalyKind.NEVER_SETTLED,
    statement_id="",
    order_no="0V2M4C",
    expected=Money(624, "MYR"),
    paid=Money(0, "MYR"),
    why="not_settled",
    args=(("status", "completed"),),
    fee="",
)
TOO_MUCH = replace(COMMISSION, order_no="1H5PXW", paid=Money(-100, "MYR"))


def row(anomaly: Anomaly, state: DisputeState | None = None) -> AnomalyRow:
    return AnomalyRow(1, anomaly, anomaly.order_no, None, None, 7 if state else None, state, False)


def a_pack(*rows: AnomalyRow) -> DisputePack:
    sold = replace(
        Sale().order(SHOP),
        packages=(Package("P", Status.COMPLETED, "DONE", tracking_number="JT88|1", carrier_name="J&T", weight_g=600),),
        history=(HistoryEvent(AT - 600_000, "created"), HistoryEvent(AT - 400_000, "delivered")),
    )
    settled = {"1J8C3T": [LineRow(1, a_line(SHOP, "1J8C3T", {FeeKind.ITEM: 4783}), None)]}
    copies = {"1J8C3T": [Evidence("label", "label", "evidence/label.pdf")]}
    return packed(SHOP, rows, {"1J8C3T": sold}, settled, copies, AT)


def test_a_pack_claims_what_is_missing_and_names_what_it_leaves_out() -> None:
    pack = a_pack(row(COMMISSION), row(NEVER), row(TOO_MUCH), row(replace(NEVER, order_no="X"), DisputeState.SENT))
    assert [order.order_no for order in pack.orders] == ["1J8C3T", "0V2M4C"]
    assert pack.amount == Money(144 + 624, "MYR")
    assert pack.left_out == (("1H5PXW", "no_loss"), ("X", "in_dispute"))
    assert [event.what for event in pack.orders[0].timeline] == ["created", "delivered", "settled"]
    assert [one.what for one in pack.orders[0].evidence] == ["status", "parcel", "weight", "label"]


def test_what_was_lost_before_may_be_claimed_again() -> None:
    assert len(a_pack(row(COMMISSION, DisputeState.LOST)).orders) == 1


def test_letters_say_shop_orders_amounts_and_reasons_in_both_languages() -> None:
    pack = a_pack(row(COMMISSION), row(NEVER))
    english, chinese = (letter(pack, language, SHOP.time_zone) for language in (Language.ENGLISH, Language.CHINESE))
    for text in (english, chinese):
        assert all(part in text for part in ("500163", "1J8C3T", "0V2M4C", "-1.44", "-6.24", "7.68"))
    assert "commission: 9 % was taken, our terms say 6 %." in english
    assert "佣金：实收 9%，约定为 6%" in chinese


def test_a_letter_says_since_when_money_is_due_in_the_shops_days_and_what_was_quoted() -> None:
    midnight = 1_794_758_400  # 2026-11-15 16:00 UTC, the 16th in Kuala Lumpur.
    args = (("status", "completed"), ("since", str(midnight - 9 * DAY_S)))
    never = replace(NEVER, args=args, at=midnight)
    dear = replace(NEVER, kind=AnomalyKind.SHIPPING_OVER_QUOTE, why="over_quote", args=(("quote", "4.90"),))
    pack = a_pack(row(never), row(dear))
    english = letter(pack, Language.ENGLISH, SHOP.time_zone)
    assert "The order has been completed since 2026-11-07" in english
    assert "its money was due 2026-11-16, no statement" in english
    assert "4.90 MYR was quoted" in english
    assert "订单自 2026-11-07 起已完成，货款应于 2026-11-16 结算" in letter(pack, Language.CHINESE, SHOP.time_zone)


def test_every_reason_has_a_sentence_in_both_languages() -> None:
    english, chinese = WORDS[Language.ENGLISH], WORDS[Language.CHINESE]
    assert english.why.keys() == chinese.why.keys()
    assert english.events.keys() == chinese.events.keys()
    assert set(english.kinds) == set(chinese.kinds) == {kind.value for kind in AnomalyKind}
    assert why_text(replace(COMMISSION, why="strange"), Language.ENGLISH) == "strange"
    assert "?" in why_text(replace(COMMISSION, args=()), Language.CHINESE)


def test_the_document_has_everything_and_nothing_breaks_its_tables() -> None:
    text = document(a_pack(row(COMMISSION), row(NEVER), row(TOO_MUCH)), Language.ENGLISH, SHOP.time_zone)
    assert "# Settlement differences: Bags \\| & \\<more\\>, Shopee" in text
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert [line.replace("\\|", "").count("|") for line in table] == [8] * 4
    assert "- 2026-11-16 08:00 settled: W46: 47.83" in text
    assert "- parcel: JT88\\|1 (J&T)" in text
    assert "[label](<evidence/label.pdf>)" in text
    assert "Total claimed: **7.68 MYR**" in text
    assert "- 1H5PXW: no money is missing" in text


@pytest.mark.parametrize("language", Language)
def test_a_claim_of_a_return_brings_pictures_parcel_check_and_what_happened(language: Language) -> None:
    loss = replace(NEVER, kind=AnomalyKind.RETURN_LOSS, order_no="1J8C3T", why="not_as_sent", args=())
    link = "https://cdn.example/a.jpg?x=1&y=2"
    evidence = [Evidence("picture", link, link), Evidence("picture", "odd", "https://cdn.example/> <b>\n"),
                Evidence("back", "JT99"), Evidence("check", "empty (only paper)")]  # fmt: skip
    asked = [HistoryEvent(AT - 9, "return", "buyer: asked")]
    pack = packed(SHOP, [row(loss)], {}, {}, {"1J8C3T": evidence}, AT, {"1J8C3T": asked})
    assert why_text(loss, language) in letter(pack, language, SHOP.time_zone)
    text = document(pack, language, SHOP.time_zone)
    words = WORDS[language].events
    assert f"{words['picture']}: [" in text and f"](<{link}>)" in text
    assert "](<https://cdn.example/%3E%20%3Cb%3E%0A>)" in text, "a link ends where it ends"
    for what, said in (("back", "JT99"), ("check", "empty (only paper)")):
        assert f"- {words[what]}: {said}" in text
    assert f"{words['return']}: buyer: asked" in text


def test_a_pack_is_one_folder_that_appears_whole(tmp_path: Path) -> None:
    pack = a_pack(row(COMMISSION), row(NEVER))
    folder = free_folder(tmp_path / "exports", folder_name("sp-my-1", "2026-07-14"))
    files = write_pack(pack, folder, Language.CHINESE, SHOP.time_zone, {"../label 1.pdf": b"%PDF"})
    assert [path.relative_to(folder).as_posix() for path in files] == [
        "amounts.csv",
        "dispute.md",
        "evidence/label-1.pdf",
        "letter.txt",
    ]
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in files)
    with (folder / "amounts.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["difference"] for row in csv.DictReader(file)] == ["-1.44", "-6.24"]
    assert free_folder(tmp_path / "exports", folder.name).name == "sp-my-1-2026-07-14-2"
    with pytest.raises(PackError, match="is there already"):
        write_pack(pack, folder, Language.ENGLISH, SHOP.time_zone, {})
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_nothing_to_claim_or_nowhere_to_write_is_said(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="nothing to write"):
        write_pack(a_pack(row(TOO_MUCH)), tmp_path / "p", Language.ENGLISH, SHOP.time_zone, {})
    (tmp_path / "file").write_text("x")
    with pytest.raises(PackError, match="cannot be written"):
        write_pack(a_pack(row(NEVER)), tmp_path / "file" / "p", Language.ENGLISH, SHOP.time_zone, {})


@pytest.mark.parametrize(
    ("name", "safe"), [("../../etc/passwd", "etc-passwd"), ("", "file"), ("..", "file"), ("a b.pdf", "a-b.pdf")]
)
def test_names_never_lead_out_of_the_folder(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_disputes_move_forward_and_an_end_may_be_corrected() -> None:
    assert may_follow(DisputeState.OPEN, DisputeState.SENT)
    assert not may_follow(DisputeState.OPEN, DisputeState.WON)
    assert may_follow(DisputeState.WON, DisputeState.ANSWERED)
    assert set(DISPUTE_MOVES) == set(DisputeState)
