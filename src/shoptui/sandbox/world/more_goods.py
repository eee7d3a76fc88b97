"""Words for as many further goods as are asked for: things, colours and sizes in the languages they are sold in."""

from __future__ import annotations

from dataclasses import dataclass

LANGUAGES = ("en", "vi", "th", "ms", "id", "zh", "ja")


@dataclass(frozen=True, slots=True)
class Thing:
    """A kind of goods. `names` are in the order of LANGUAGES; `usd_cents` is its price level."""

    code: str
    usd_cents: int
    weight_g: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Colour:
    code: str
    names: tuple[str, ...]


THINGS = (
    Thing(
        "BAG",
        1290,
        320,
        ("Canvas bag", "Túi vải bố", "กระเป๋าผ้าแคนวาส", "Beg kanvas", "Tas kanvas", "帆布袋", "帆布バッグ"),
    ),
    Thing(
        "LAMP",
        1850,
        740,
        ("Bedside lamp", "Đèn ngủ mini", "โคมไฟหัวเตียง", "Lampu tidur", "Lampu tidur", "床头灯", "枕元ランプ"),
    ),
    Thing(
        "BWL",
        690,
        410,
        ("Ceramic bowl", "Bát gốm", "ชามเซรามิก", "Mangkuk seramik", "Mangkuk keramik", "陶瓷碗", "陶器の碗"),
    ),
    Thing(
        "CUSH",
        1120,
        520,
        (
            "Cushion cover",
            "Vỏ gối tựa",
            "ปลอกหมอนอิง",
            "Sarung kusyen",
            "Sarung bantal sofa",
            "抱枕套",
            "クッションカバー",
        ),
    ),
    Thing(
        "UMBR",
        980,
        390,
        ("Folding umbrella", "Ô gấp", "ร่มพับ", "Payung lipat", "Payung lipat", "折叠雨伞", "折りたたみ傘"),
    ),
    Thing(
        "CAP",
        840,
        130,
        ("Cotton cap", "Mũ lưỡi trai", "หมวกแก๊ป", "Topi kapas", "Topi katun", "棉质鸭舌帽", "コットンキャップ"),
    ),
    Thing(
        "SLIP",
        760,
        340,
        (
            "House slippers",
            "Dép đi trong nhà",
            "รองเท้าใส่ในบ้าน",
            "Selipar rumah",
            "Sandal rumah",
            "居家拖鞋",
            "ルームスリッパ",
        ),
    ),
    Thing(
        "PCH",
        590,
        110,
        (
            "Zip pouch",
            "Túi đựng đồ có khóa",
            "กระเป๋าซิป",
            "Pouch berzip",
            "Pouch ritsleting",
            "拉链收纳包",
            "ファスナーポーチ",
        ),
    ),
    Thing(
        "SCRF",
        940,
        150,
        ("Light scarf", "Khăn choàng mỏng", "ผ้าพันคอบาง", "Selendang ringan", "Syal tipis", "薄围巾", "薄手ストール"),
    ),
    Thing(
        "TRY",
        1340,
        680,
        ("Serving tray", "Khay phục vụ", "ถาดเสิร์ฟ", "Dulang hidang", "Nampan saji", "托盘", "サービングトレー"),
    ),
    Thing("PLNT", 1080, 900, ("Plant pot", "Chậu cây", "กระถางต้นไม้", "Pasu bunga", "Pot tanaman", "花盆", "植木鉢")),
    Thing(
        "CLK",
        1590,
        560,
        ("Wall clock", "Đồng hồ treo tường", "นาฬิกาแขวน", "Jam dinding", "Jam dinding", "挂钟", "掛け時計"),
    ),
    Thing(
        "RUG",
        2690,
        1900,
        ("Small rug", "Thảm nhỏ", "พรมผืนเล็ก", "Permaidani kecil", "Karpet kecil", "小地毯", "ミニラグ"),
    ),
    Thing("BOT", 1190, 300, ("Water bottle", "Bình nước", "ขวดน้ำ", "Botol air", "Botol minum", "水壶", "水筒")),
    Thing(
        "BSKT",
        1240,
        620,
        ("Storage basket", "Giỏ đựng đồ", "ตะกร้าเก็บของ", "Bakul simpanan", "Keranjang simpan", "收纳篮", "収納かご"),
    ),
    Thing(
        "JRNL", 720, 280, ("Day journal", "Sổ nhật ký", "สมุดบันทึก", "Jurnal harian", "Buku jurnal", "日记本", "日記帳")
    ),
    Thing(
        "HNGR",
        640,
        450,
        (
            "Hangers, 10 pieces",
            "Móc áo, 10 cái",
            "ไม้แขวนเสื้อ 10 ชิ้น",
            "Penyangkut baju, 10 unit",
            "Gantungan baju, 10 pcs",
            "衣架 10 个",
            "ハンガー10本組",
        ),
    ),
    Thing(
        "VASE",
        1460,
        850,
        ("Glass vase", "Bình hoa thủy tinh", "แจกันแก้ว", "Pasu kaca", "Vas kaca", "玻璃花瓶", "ガラス花瓶"),
    ),
    Thing(
        "MATB",
        890,
        430,
        (
            "Bath mat",
            "Thảm phòng tắm",
            "พรมเช็ดเท้าห้องน้ำ",
            "Alas kaki bilik air",
            "Keset kamar mandi",
            "浴室地垫",
            "バスマット",
        ),
    ),
    Thing("TEAP", 2140, 780, ("Teapot", "Ấm trà", "กาน้ำชา", "Teko teh", "Teko teh", "茶壶", "急須")),
)

COLOURS = (
    Colour("RD", ("red", "đỏ", "แดง", "merah", "merah", "红", "赤")),
    Colour("BL", ("blue", "xanh dương", "น้ำเงิน", "biru", "biru", "蓝", "青")),
    Colour("BK", ("black", "đen", "ดำ", "hitam", "hitam", "黑", "黒")),
    Colour("WH", ("white", "trắng", "ขาว", "putih", "putih", "白", "白")),
    Colour("GN", ("green", "xanh lá", "เขียว", "hijau", "hijau", "绿", "緑")),
    Colour("GY", ("grey", "xám", "เทา", "kelabu", "abu-abu", "灰", "灰")),
    Colour("PK", ("pink", "hồng", "ชมพู", "merah jambu", "merah muda", "粉", "桃")),
    Colour("SD", ("sand", "be", "เบจ", "krim", "krem", "米色", "砂色")),
)

SIZES = ("S", "M", "L")
