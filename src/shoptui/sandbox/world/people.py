"""Invented buyers: names, streets and messages in the scripts of the countries they live in."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from .model import Buyer


@dataclass(frozen=True, slots=True)
class Locale:
    """Parts of invented people and addresses. `places` hold address levels, largest first, and a postcode."""

    family: tuple[str, ...]
    given: tuple[str, ...]
    family_first: bool
    joiner: str
    places: tuple[tuple[tuple[str, ...], str], ...]
    streets: tuple[str, ...]
    street_form: str
    phone_form: str
    messages: tuple[str, ...]


LOCALES: dict[str, Locale] = {
    "VN": Locale(
        family=("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Hồ"),
        given=("Thị Lan Anh", "Minh Khôi", "Thu Hà", "Quốc Bảo", "Ngọc Mai", "Văn Đức", "Khánh Linh", "Tuấn Kiệt"),
        family_first=True,
        joiner=" ",
        places=(
            (("Hồ Chí Minh", "Quận 1", "Phường Bến Nghé"), "700000"),
            (("Hồ Chí Minh", "Quận Bình Thạnh", "Phường 25"), "700000"),
            (("Hà Nội", "Quận Cầu Giấy", "Phường Dịch Vọng"), "100000"),
            (("Đà Nẵng", "Quận Hải Châu", "Phường Thạch Thang"), "550000"),
            (("Cần Thơ", "Quận Ninh Kiều", "Phường An Khánh"), "900000"),
        ),
        streets=("Đường Hoa Sứ", "Đường Cây Bàng", "Ngõ Giếng Đá", "Đường Bờ Kênh", "Hẻm Lá Me"),
        street_form="{number} {street}",
        phone_form="(+84)9########",
        messages=(
            "Giao giờ hành chính giúp mình nhé",
            "Shop gói kỹ giúp em, hàng dễ vỡ ạ",
            "Gọi trước khi giao giùm mình",
            "Em cần gấp trước thứ Sáu, shop gửi sớm nha",
        ),
    ),
    "TH": Locale(
        family=("ใจดี", "ศรีสุข", "บุญมา", "ทองดี", "แสงจันทร์", "วงศ์ไทย", "พูลสวัสดิ์"),
        given=("สมหญิง", "อนุชา", "กมลชนก", "ธนพล", "ปิยะดา", "วีรภัทร", "สุภาพร", "ณัฐวุฒิ"),
        family_first=False,
        joiner=" ",
        places=(
            (("กรุงเทพมหานคร", "เขตจตุจักร", "แขวงลาดยาว"), "10900"),
            (("กรุงเทพมหานคร", "เขตบางนา", "แขวงบางนาใต้"), "10260"),
            (("เชียงใหม่", "อำเภอเมือง", "ตำบลสุเทพ"), "50200"),
            (("ชลบุรี", "อำเภอศรีราชา", "ตำบลสุรศักดิ์"), "20110"),
            (("ขอนแก่น", "อำเภอเมือง", "ตำบลในเมือง"), "40000"),
        ),
        streets=("ถนนดอกแก้ว", "ซอยร่มไม้", "ถนนริมคลอง", "ซอยลมเย็น"),
        street_form="{number} {street}",
        phone_form="(+66)8########",
        messages=(
            "ฝากวางไว้ที่ป้อมยามได้เลยค่ะ",
            "รบกวนห่อกันกระแทกให้ด้วยนะคะ",
            "โทรก่อนส่งด้วยครับ",
            "ขอส่งภายในวันนี้ได้ไหมคะ",
        ),
    ),
    "MY": Locale(
        family=("binti Osman", "bin Salleh", "Tan", "Lim", "a/l Raman", "binti Yusof", "bin Hamid"),
        given=("Nurul Aina", "Hafiz", "Mei Ling", "Aisyah", "Kumaran", "Farid", "Siew Fong"),
        family_first=False,
        joiner=" ",
        places=(
            (("Selangor", "Petaling Jaya", "Seksyen 14"), "46100"),
            (("Kuala Lumpur", "Kuala Lumpur", "Setapak"), "53000"),
            (("Johor", "Johor Bahru", "Taman Pelangi"), "80400"),
            (("Pulau Pinang", "George Town", "Jelutong"), "11600"),
        ),
        streets=("Jalan Kenanga", "Lorong Pinang", "Jalan Teratai", "Persiaran Bayu"),
        street_form="No. {number}, {street}",
        phone_form="(+60)1########",
        messages=(
            "Tolong balut elok-elok ya",
            "Boleh hantar sebelum hari Jumaat?",
            "请尽快发货，谢谢",
            "Letak di pos pengawal kalau tiada orang",
        ),
    ),
    "PH": Locale(
        family=("Santos-Rivera", "Dela Peña", "Villareal", "Macaraeg", "Bautista", "Soriano"),
        given=("Maricel", "Jomar", "Althea", "Rodel", "Kristine", "Bayani", "Luningning"),
        family_first=False,
        joiner=" ",
        places=(
            (("Metro Manila", "Quezon City", "Barangay Malaya"), "1101"),
            (("Cebu", "Cebu City", "Barangay Lahug"), "6000"),
            (("Davao del Sur", "Davao City", "Barangay Buhangin"), "8000"),
            (("Laguna", "Santa Rosa", "Barangay Balibago"), "4026"),
        ),
        streets=("Sampaguita St", "Mabini Lane", "Ilang-Ilang St", "Narra Road"),
        street_form="{number} {street}",
        phone_form="(+63)9#########",
        messages=(
            "Please pack it well po, pang-regalo",
            "Paki-iwan na lang sa guard",
            "Call me before delivery please",
            "Sana dumating bago mag-weekend, salamat!",
        ),
    ),
    "SG": Locale(
        family=("陈", "林", "黄", "李", "Kaur", "Rahman"),
        given=("慧玲", "志明", "美珍", "俊杰", "Priya", "Aidil", "晓彤"),
        family_first=True,
        joiner="",
        places=(
            (("Central", "Toa Payoh", "Blk 118"), "310118"),
            (("East", "Tampines", "Blk 843"), "520843"),
            (("West", "Jurong East", "Blk 207"), "600207"),
            (("North", "Woodlands", "Blk 512"), "730512"),
        ),
        streets=("Lorong Merpati", "Jalan Angsana", "Orchid Walk", "Bamboo Grove"),
        street_form="{street}, #{floor:02d}-{number}",
        phone_form="(+65)9#######",
        messages=("请帮我包装好一点", "可以周五之前到吗？", "Please leave at the door", "麻烦附上礼物卡，谢谢"),
    ),
    "ID": Locale(
        family=("Wijaya", "Pratama", "Lestari", "Siregar", "Nugroho", "Hidayat", "Utami"),
        given=("Dewi", "Budi", "Citra", "Rizky", "Ayu", "Bagus", "Intan", "Fajar"),
        family_first=False,
        joiner=" ",
        places=(
            (("DKI Jakarta", "Jakarta Selatan", "Tebet"), "12810"),
            (("Jawa Barat", "Bandung", "Coblong"), "40132"),
            (("Jawa Timur", "Surabaya", "Gubeng"), "60281"),
            (("Bali", "Denpasar", "Denpasar Barat"), "80119"),
            (("Sumatera Utara", "Medan", "Medan Baru"), "20154"),
        ),
        streets=("Jl. Melati Putih", "Jl. Kenari", "Gang Mawar", "Jl. Bambu Kuning"),
        street_form="{street} No. {number}",
        phone_form="(+62)81########",
        messages=(
            "Tolong packing yang aman ya kak",
            "Kirim hari ini bisa kak?",
            "Warna jangan sampai salah ya",
            "Titip di satpam kalau rumah kosong",
        ),
    ),
    "GB": Locale(
        family=("Ashdown", "Pemberley", "Thackwell", "Okonjo", "Marsh", "Whitlock"),
        given=("Imogen", "Callum", "Freya", "Desmond", "Harriet", "Tariq", "Bronwen"),
        family_first=False,
        joiner=" ",
        places=(
            (("England", "Greater Manchester", "Manchester"), "M14 5QX"),
            (("England", "West Yorkshire", "Leeds"), "LS6 2QZ"),
            (("Scotland", "Lothian", "Edinburgh"), "EH8 9XQ"),
            (("Wales", "South Glamorgan", "Cardiff"), "CF24 3QX"),
        ),
        streets=("Willow Bank", "Thornfield Road", "Mill Lane", "Larkspur Close"),
        street_form="{number} {street}",
        phone_form="(+44)7#########",
        messages=("Please leave with the neighbour at no. 9", "It's a gift, no invoice in the box please"),
    ),
    "US": Locale(
        family=("Hollis", "Marchetti", "Delacroix", "Nakai", "Overton", "Villanueva"),
        given=("Avery", "Jordan", "Marisol", "Wyatt", "Tamika", "Ezra", "Paige"),
        family_first=False,
        joiner=" ",
        places=(
            (("Texas", "Travis", "Austin"), "78704"),
            (("Ohio", "Franklin", "Columbus"), "43215"),
            (("Oregon", "Multnomah", "Portland"), "97214"),
            (("Illinois", "Cook", "Chicago"), "60614"),
        ),
        streets=("Juniper Ave", "Cedar Hollow Dr", "Maple Ridge Rd", "Prairie St"),
        street_form="{number} {street}",
        phone_form="(+1)5#########",
        messages=("Gate code is on the mailbox", "Please ship in plain packaging, it's a surprise"),
    ),
    "JP": Locale(
        family=("佐倉", "高瀬", "小野寺", "三島", "藤代", "水無瀬"),
        given=("陽菜", "蓮", "結衣", "大翔", "美咲", "悠真"),
        family_first=True,
        joiner=" ",
        places=(
            (("東京都", "世田谷区", "若林"), "154-0023"),
            (("大阪府", "吹田市", "青葉丘"), "565-0801"),
            (("福岡県", "福岡市", "中央区"), "810-0001"),
            (("北海道", "札幌市", "北区"), "060-0807"),
        ),
        streets=("さくら通り", "みどり町", "若葉台", "川端"),
        street_form="{street}{floor}丁目{number}番地",
        phone_form="(+81)90########",
        messages=(
            "平日の夜に届けてください",
            "プレゼント用なので納品書は不要です",
            "割れ物なので丁寧な梱包をお願いします",
        ),
    ),
}

_NICK_HEADS = ("moon", "lemon", "tiny", "blue", "lucky", "cotton", "river", "mango", "paper", "happy")
_NICK_TAILS = ("cat", "tea", "shop", "bear", "cloud", "rabbit", "star", "fern", "boat", "bean")


def invent_buyer(rng: Random, region: str, buyer_id: str) -> Buyer:
    """One buyer of the region with a name, a phone and an address that belong to nobody."""
    locale = LOCALES[region]
    family, given = rng.choice(locale.family), rng.choice(locale.given)
    parts = (family, given) if locale.family_first else (given, family)
    levels, postcode = rng.choice(locale.places)
    phone = "".join(str(rng.randrange(10)) if char == "#" else char for char in locale.phone_form)
    street = locale.street_form.format(
        number=rng.randint(1, 240), street=rng.choice(locale.streets), floor=rng.randint(1, 24)
    )
    return Buyer(
        id=buyer_id,
        name=locale.joiner.join(parts),
        first_name=given,
        last_name=family,
        nickname=f"{rng.choice(_NICK_HEADS)}.{rng.choice(_NICK_TAILS)}{rng.randrange(100)}",
        phone=phone,
        levels=levels,
        street=street,
        postcode=postcode,
    )
