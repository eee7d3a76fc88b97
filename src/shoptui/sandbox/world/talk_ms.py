"""Malay sentences of buyers and stores."""

from __future__ import annotations

from .talk import Subject, Talk, Topic

MALAY = Talk(
    subjects={
        Topic.WHERE: Subject(
            asks=(
                "Hai, barang saya dah sampai mana? Pesanan {order}",
                "Dah dua hari tracking tak bergerak, kenapa ya?",
                "Bila {item} saya nak sampai?",
            ),
            adds=(
                "Jumaat ni saya tak ada di rumah, harap sampai sebelum tu.",
                "Saya telefon kurier tapi tak berjawab.",
            ),
            answers=(
                "Barang dah diserahkan kepada kurier, dalam 2 hingga 3 hari lagi sampai ya.",
                "Maaf kerana menunggu, kami sedang semak dengan kurier.",
            ),
            back=("Kalau tak sampai juga macam mana?", "Boleh bagi nombor tracking sekali lagi?"),
        ),
        Topic.WHEN: Subject(
            asks=(
                "Bila nak pos ya?",
                "Boleh pos hari ini tak? Hadiah hari jadi",
                "Pesanan {order} kenapa belum dihantar?",
            ),
            adds=("Paling lewat hari Sabtu saya nak guna.",),
            answers=(
                "Petang ini kami bungkus dan serah kepada kurier sebelum pukul 6.",
                "Esok pagi kami pos, nanti nombor tracking akan keluar di sini.",
            ),
            back=("Guna kurier mana?", "Boleh cepat sikit tak?"),
        ),
        Topic.ADDRESS: Subject(
            asks=(
                "Saya silap tulis nombor rumah, boleh tukar alamat?",
                "Saya dah pindah, tolong hantar {order} ke alamat baru.",
            ),
            adds=("Nombor 27, bukan 72. Jalan sama.",),
            answers=("Sila tukar di halaman pesanan, kami hanya boleh pos ke alamat di situ.",),
            back=("Butangnya di mana ya?", "Dah tukar, nampak tak alamat baru?"),
        ),
        Topic.SIZE: Subject(
            asks=("Saya tersalah saiz {item}, boleh tukar yang besar sikit?", "Boleh tukar warna lain tak?"),
            adds=("Kalau dah bungkus beritahu saya ya.",),
            answers=("Belum bungkus lagi, nak yang mana ya?",),
            back=("Besar satu saiz, harga sama tak?",),
        ),
        Topic.CANCEL: Subject(
            asks=("Tolong batalkan satu, saya terbeli dua kali.", "Pesanan {order} masih boleh batal?"),
            adds=("Saya dah mohon dalam aplikasi.",),
            answers=("Boleh, kami terima pembatalan. Duit akan dipulangkan melalui cara bayaran asal.",),
            back=("Berapa lama duit nak masuk?",),
        ),
        Topic.DAMAGED: Subject(
            asks=("Kotak dah terbuka dan {item} pecah :(", "Barang kurang satu, sepatutnya dua."),
            adds=("Saya dah hantar gambar.", "Kotak saya simpan lagi."),
            answers=("Minta maaf! Sila mohon pemulangan dengan gambar, kami terus pulangkan duit.",),
            back=("Kena hantar balik ke?", "Saya lebih suka dapat yang baru."),
        ),
        Topic.ORIGINAL: Subject(
            asks=("Ini original ke? Ada waranti?", "{item} selamat untuk budak?"),
            adds=("Gambar nampak lain daripada yang di kedai.",),
            answers=("Semua barang {store} original dan ada waranti setahun.",),
            back=("Kad waranti ada dalam kotak?",),
        ),
        Topic.STOCK: Subject(
            asks=("{item} ada stok lagi tak? Saya nak sepuluh.", "Warna biru bila ada semula?"),
            adds=("Beli banyak ada diskaun tak?",),
            answers=("Ada stok, boleh terus order ya.",),
            back=("Boleh masuk satu bungkusan?",),
        ),
        Topic.REFUND: Subject(
            asks=("Pesanan dah batal tapi duit belum masuk.", "Bila nak dapat duit balik untuk {order}?"),
            adds=("Dah seminggu ni.",),
            answers=("Bayaran balik dah dihantar, ikut bank lebih kurang 3 hingga 7 hari bekerja.",),
            back=("Ada nombor rujukan untuk saya tanya bank?",),
        ),
    },
    thanks=("Ok, terima kasih!", "Terima kasih, cepat balas", "Baik, terima kasih banyak ya"),
    nudges=("Hello?", "Ada orang tak?"),
    closings=("Sama-sama, semoga hari anda indah!", "Terima kasih membeli di {store}!"),
    robot="Hai! Kami membalas mesej setiap hari dari pukul 9 pagi hingga 6 petang.",
)
