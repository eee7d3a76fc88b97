"""Invented shops and products, titled in the languages they would be sold in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Good:
    """`usd_cents` is the price level that the region's price factor turns into local money."""

    code: str
    title: str
    variants: tuple[str, ...]
    usd_cents: int
    weight_g: int


SHOP_NAMES: dict[str, tuple[str, ...]] = {
    "VN": ("Nhà Cốc Xinh", "Tiệm Nến Mộc", "Góc Bếp Nhỏ", "Vải Thô Sài Gòn"),
    "TH": ("บ้านแก้วน้ำ", "ร้านผ้าฝ้ายริมน้ำ", "ครัวคุณยาย"),
    "MY": ("Kedai Buluh Ceria", "Rumah Cawan"),
    "PH": ("Bahay Banig Co", "Kape't Kandila"),
    "SG": ("云朵生活馆", "Little Kueh House"),
    "ID": ("Toko Rotan Ayu", "Warung Gelas"),
    "GB": ("Mug & Marrow", "Fernhill Stationery"),
    "US": ("Prairie Mug Co", "Tin Lantern Goods"),
    "JP": ("湯のみ工房", "紙と灯り"),
}

GOODS: dict[str, tuple[Good, ...]] = {
    "vi": (
        Good("MUG-450", "Cốc giữ nhiệt inox 450 ml", ("Xanh", "Trắng", "Hồng"), 790, 380),
        Good("LID-SP", "Nắp cốc thay thế", ("Mặc định",), 190, 60),
        Good("CDL-SOY", "Nến thơm sáp đậu nành", ("Hoa nhài", "Sả chanh", "Quế"), 650, 320),
        Good("APRON", "Tạp dề vải lanh", ("Be", "Xám"), 920, 260),
        Good("TRAY-BM", "Khay tre 2 tầng", ("Nhỏ", "Lớn"), 1450, 1250),
        Good("SOAP-3", "Xà phòng thảo mộc, bộ 3 bánh", ("Mặc định",), 480, 330),
        Good("TOTE", "Túi vải đi chợ", ("Kẻ sọc", "Trơn", "Hoa nhí"), 390, 150),
    ),
    "th": (
        Good("GLS-SET", "ชุดแก้วน้ำใส 6 ใบ", ("ใส", "ชา"), 1290, 1800),
        Good("TWL-CT", "ผ้าขนหนูฝ้ายออร์แกนิก", ("ขาว", "เทา", "ชมพู"), 690, 420),
        Good("PAN-28", "กระทะหินเคลือบ 28 ซม.", ("ดำ", "เขียว"), 1890, 1600),
        Good("BALM", "ยาหม่องสมุนไพร 50 กรัม", ("สูตรเย็น", "สูตรร้อน"), 240, 90),
        Good("MAT-YG", "เสื่อโยคะ 6 มม.", ("ม่วง", "ฟ้า"), 1150, 980),
        Good("STK-PK", "สติกเกอร์แมวส้ม 20 ชิ้น", ("ชุด A", "ชุด B"), 120, 30),
        Good("LNCH", "กล่องข้าวสแตนเลส 3 ชั้น", ("มาตรฐาน",), 1080, 760),
    ),
    "ms": (
        Good("CUP-BB", "Cawan buluh guna semula", ("Hijau", "Krim"), 520, 210),
        Good("KAIN-P", "Kain pelekat kapas", ("Biru", "Maroon"), 1350, 480),
        Good("SMBL", "Sambal ikan bilis 240 g", ("Biasa", "Extra pedas"), 430, 390),
        Good("LMP-RT", "Lampu meja rotan", ("Kecil", "Besar"), 2400, 1500),
        Good("BKL", "Bakul anyaman", ("Bulat", "Empat segi"), 980, 640),
        Good("TDNG", "Tudung bawal satin", ("Dusty pink", "Hitam", "Kelabu"), 560, 120),
    ),
    "id": (
        Good("TAS-RT", "Tas rotan bulat", ("Natural", "Cokelat"), 1190, 520),
        Good("GLS-KP", "Gelas kopi keramik", ("Putih", "Hitam"), 450, 380),
        Good("SRNG", "Sarung bantal batik", ("Mega mendung", "Parang"), 380, 180),
        Good("KRPK", "Keripik tempe 200 g", ("Original", "Balado"), 210, 230),
        Good("LLN-AR", "Lilin aromaterapi", ("Melati", "Cendana"), 560, 300),
        Good("RAK-BB", "Rak bumbu bambu", ("2 susun", "3 susun"), 1350, 1700),
    ),
    "zh": (
        Good("TEA-PC", "便携陶瓷茶具一壶三杯", ("青花", "素白"), 1890, 900),
        Good("LMP-NT", "小夜灯 USB 充电", ("暖光", "三色"), 990, 180),
        Good("SOCK-5", "纯棉短袜 5 双装", ("黑白", "彩色"), 690, 200),
        Good("BTL-600", "儿童保温水杯 600ml", ("粉色小熊", "蓝色鲸鱼"), 1450, 360),
        Good("MUG-450", "Insulated mug 450 ml", ("Blue", "White"), 1290, 380),
        Good("NBK-A5", "A5 横线笔记本 3 本", ("牛皮纸",), 560, 450),
    ),
    "en": (
        Good("MUG-450", "Insulated mug 450 ml", ("Blue, 450 ml", "White, 450 ml", "Moss, 450 ml"), 1490, 380),
        Good("LID-SP", "Spare lid for insulated mug", ("Default",), 390, 60),
        Good("NBK-A5", "Dotted notebook A5, 3 pack", ("Kraft", "Navy"), 1150, 450),
        Good("LTN-TIN", "Camping lantern, tin", ("Red", "Green"), 2490, 820),
        Good("APRON", "Linen kitchen apron", ("Oat", "Charcoal"), 2190, 260),
        Good("CNDL", "Soy candle 200 g", ("Fig", "Sea salt", "Cedar"), 1290, 340),
        Good("BLNKT", "Waffle throw blanket", ("Sand", "Sage"), 3490, 1400),
    ),
    "ja": (
        Good("YNM-P", "夫婦湯のみセット", ("藍", "朱"), 2480, 620),
        Good("FRS-60", "風呂敷 60cm", ("市松", "麻の葉", "青海波"), 1290, 110),
        Good("LTN-W", "和紙の卓上ランプ", ("丸", "角"), 3980, 900),
        Good("CHP-2", "若狭塗の箸 2膳", ("赤", "黒"), 1650, 90),
        Good("INC", "お香 30本入り", ("白檀", "桜"), 880, 70),
    ),
}  # fmt: skip

GIFT = Good("GIFT-STK", "Free gift", ("Sticker sheet",), 90, 15)
"""A give-away line that rides along with other goods at no price."""

WAREHOUSES: dict[str, tuple[str, ...]] = {
    "VN": ("Kho Bình Dương", "Kho Bắc Ninh"),
    "TH": ("คลังบางพลี",),
    "MY": ("Gudang Shah Alam",),
    "PH": ("Bodega Pasig",),
    "SG": ("Tuas Depot",),
    "ID": ("Gudang Cikarang", "Gudang Sidoarjo"),
    "GB": ("Stockport Unit 4",),
    "US": ("Dock 12 Reno", "Bay 3 Allentown"),
    "JP": ("川口倉庫",),
}
