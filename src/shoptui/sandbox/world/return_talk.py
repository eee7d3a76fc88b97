"""What buyers write with a request for money or a return, in each language, by what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from .returns_model import Trouble

_T = Trouble

NOTES: Mapping[str, Mapping[Trouble, tuple[str, ...]]] = MappingProxyType(
    {
        "en": {
            _T.BROKEN: ("It stopped working after one day.", "The handle came off when I first used it."),
            _T.WRONG_ITEM: ("I got something else than I ordered.", "Wrong item in the box, see picture."),
            _T.NOT_AS_SHOWN: ("The colour is nothing like the picture.", "Looks much cheaper than in the listing."),
            _T.MISSING: ("One piece is missing from the set.", "I ordered two and got one."),
            _T.DAMAGED_BOX: ("Parcel arrived crushed and the item is dented.", "The box was wet and torn."),
            _T.WRONG_SIZE: ("Too small for me.", "The size does not match the chart."),
            _T.NO_LONGER_WANTED: ("Changed my mind, it is unopened.", "Found it in a shop nearby meanwhile."),
            _T.NOT_RECEIVED: ("It says delivered but nothing came.", "My neighbour did not get it either."),
        },
        "zh": {
            _T.BROKEN: ("用了一天就坏了。", "收到就是坏的,盖子裂了。"),
            _T.WRONG_ITEM: ("发错货了,不是我订的款。", "收到的是别的东西。"),
            _T.NOT_AS_SHOWN: ("颜色跟图片不一样。", "做工跟描述差很多。"),
            _T.MISSING: ("少了一件。", "订两个只收到一个。"),
            _T.DAMAGED_BOX: ("包装压扁了,里面也碰坏了。",),
            _T.WRONG_SIZE: ("尺码偏小,穿不下。",),
            _T.NO_LONGER_WANTED: ("不想要了,还没拆封。",),
            _T.NOT_RECEIVED: ("显示签收了,但我没收到。",),
        },
        "th": {
            _T.BROKEN: ("ใช้วันเดียวก็เสียแล้วค่ะ", "แกะกล่องมาก็แตกแล้วครับ"),
            _T.WRONG_ITEM: ("ส่งของมาผิดค่ะ", "ไม่ใช่รุ่นที่สั่งครับ"),
            _T.NOT_AS_SHOWN: ("สีไม่ตรงกับในรูปเลยค่ะ", "ของจริงไม่เหมือนในรูปครับ"),
            _T.MISSING: ("ได้ของไม่ครบค่ะ ขาดไปหนึ่งชิ้น",),
            _T.DAMAGED_BOX: ("กล่องบุบมา ของข้างในเสียหายครับ",),
            _T.WRONG_SIZE: ("ใส่ไม่ได้ค่ะ ไซซ์เล็กไป",),
            _T.NO_LONGER_WANTED: ("ไม่ต้องการแล้วค่ะ ยังไม่ได้แกะ",),
            _T.NOT_RECEIVED: ("ขึ้นว่าส่งแล้วแต่ยังไม่ได้รับของครับ",),
        },
        "vi": {
            _T.BROKEN: ("Dùng một hôm là hỏng rồi shop ơi.", "Nhận hàng thì nắp đã nứt."),
            _T.WRONG_ITEM: ("Shop gửi nhầm hàng rồi.", "Không đúng mẫu mình đặt."),
            _T.NOT_AS_SHOWN: ("Màu khác hẳn trong hình.", "Hàng không giống mô tả."),
            _T.MISSING: ("Thiếu một món trong bộ.", "Đặt hai mà chỉ nhận được một."),
            _T.DAMAGED_BOX: ("Hộp móp hết, hàng bên trong bị trầy.",),
            _T.WRONG_SIZE: ("Chật quá, không vừa.",),
            _T.NO_LONGER_WANTED: ("Mình không cần nữa, hàng chưa bóc.",),
            _T.NOT_RECEIVED: ("Báo đã giao nhưng mình chưa nhận được.",),
        },
        "id": {
            _T.BROKEN: ("Baru dipakai sehari sudah rusak.", "Sampai sudah pecah kak."),
            _T.WRONG_ITEM: ("Barang yang dikirim salah.", "Bukan yang saya pesan kak."),
            _T.NOT_AS_SHOWN: ("Warnanya beda jauh dari foto.",),
            _T.MISSING: ("Kurang satu, pesan dua datang satu.",),
            _T.DAMAGED_BOX: ("Dusnya penyok, isinya ikut rusak.",),
            _T.WRONG_SIZE: ("Kekecilan, tidak muat.",),
            _T.NO_LONGER_WANTED: ("Tidak jadi kak, masih segel.",),
            _T.NOT_RECEIVED: ("Status diterima tapi paket belum sampai.",),
        },
        "ms": {
            _T.BROKEN: ("Pakai sehari dah rosak.", "Sampai-sampai dah retak."),
            _T.WRONG_ITEM: ("Salah barang dihantar.", "Bukan barang yang saya order."),
            _T.NOT_AS_SHOWN: ("Warna lain dari gambar.",),
            _T.MISSING: ("Tak cukup, kurang satu.",),
            _T.DAMAGED_BOX: ("Kotak kemek, barang dalam calar.",),
            _T.WRONG_SIZE: ("Saiz kecil sangat, tak muat.",),
            _T.NO_LONGER_WANTED: ("Tak nak dah, belum buka lagi.",),
            _T.NOT_RECEIVED: ("Sistem kata dah sampai, tapi saya tak terima.",),
        },
        "tl": {
            _T.BROKEN: ("Isang araw ko lang nagamit, sira na.", "Basag na pagdating."),
            _T.WRONG_ITEM: ("Mali po yung napadala.", "Hindi po ito yung order ko."),
            _T.NOT_AS_SHOWN: ("Iba po ang kulay sa picture.",),
            _T.MISSING: ("Kulang po ng isa.",),
            _T.DAMAGED_BOX: ("Yupi yung box, may gasgas yung laman.",),
            _T.WRONG_SIZE: ("Maliit po, hindi kasya.",),
            _T.NO_LONGER_WANTED: ("Hindi ko na po kailangan, sealed pa.",),
            _T.NOT_RECEIVED: ("Delivered daw pero wala po akong natanggap.",),
        },
        "ja": {
            _T.BROKEN: ("一日使っただけで壊れました。", "届いた時点で割れていました。"),
            _T.WRONG_ITEM: ("注文したものと違う商品が届きました。",),
            _T.NOT_AS_SHOWN: ("写真と色がまったく違います。",),
            _T.MISSING: ("一つ足りませんでした。",),
            _T.DAMAGED_BOX: ("箱がつぶれていて中身にも傷があります。",),
            _T.WRONG_SIZE: ("サイズが合いませんでした。",),
            _T.NO_LONGER_WANTED: ("不要になりました。未開封です。",),
            _T.NOT_RECEIVED: ("配達済みとのことですが届いていません。",),
        },
    }
)
