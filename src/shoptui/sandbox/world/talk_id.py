"""Indonesian sentences of buyers and stores."""

from __future__ import annotations

from .talk import Subject, Talk, Topic

INDONESIAN = Talk(
    subjects={
        Topic.WHERE: Subject(
            asks=(
                "Kak, paket saya sudah sampai mana ya? Pesanan {order}",
                "Resinya sudah dua hari tidak bergerak kak",
                "{item} kapan sampainya ya kak?",
            ),
            adds=("Hari Jumat saya tidak di rumah, semoga sudah sampai.", "Kurirnya tidak angkat telepon."),
            answers=(
                "Paketnya sudah kami serahkan ke kurir kak, perkiraan 2-3 hari lagi sampai.",
                "Mohon maaf sudah menunggu kak, kami sedang tanyakan ke kurir.",
            ),
            back=("Kalau belum sampai juga bagaimana kak?", "Boleh minta nomor resinya lagi?"),
        ),
        Topic.WHEN: Subject(
            asks=(
                "Kapan dikirim kak?",
                "Bisa kirim hari ini? Buat kado ulang tahun",
                "Pesanan {order} kok belum dikirim ya?",
            ),
            adds=("Paling lambat Sabtu harus sudah ada kak.",),
            answers=(
                "Sore ini kami kemas, sebelum jam 6 diserahkan ke kurir kak.",
                "Besok pagi kami kirim ya kak, nomor resinya nanti muncul di sini.",
            ),
            back=("Pakai kurir apa kak?", "Bisa lebih cepat tidak?"),
        ),
        Topic.ADDRESS: Subject(
            asks=(
                "Kak, nomor rumahnya salah, bisa ganti alamat?",
                "Saya sudah pindah, tolong kirim {order} ke alamat baru.",
            ),
            adds=("Nomor 27 bukan 72, jalannya sama.",),
            answers=("Silakan diubah di halaman pesanan ya kak, kami kirim sesuai alamat di sana.",),
            back=("Tombolnya di mana ya kak?", "Sudah saya ubah, sudah kelihatan?"),
        ),
        Topic.SIZE: Subject(
            asks=("Saya salah pilih ukuran {item}, bisa ganti yang lebih besar?", "Bisa ganti warna lain kak?"),
            adds=("Kalau sudah dikemas tolong kabari ya.",),
            answers=("Belum dikemas kak, mau yang mana?",),
            back=("Satu ukuran lebih besar kak, harganya sama?",),
        ),
        Topic.CANCEL: Subject(
            asks=("Tolong batalkan satu kak, saya pesan dua kali.", "Pesanan {order} masih bisa dibatalkan?"),
            adds=("Sudah saya ajukan di aplikasi kak.",),
            answers=("Bisa kak, kami setujui pembatalannya. Dananya kembali ke metode pembayaran semula.",),
            back=("Berapa lama dananya kembali?",),
        ),
        Topic.DAMAGED: Subject(
            asks=("Kotaknya terbuka dan {item} pecah kak", "Barangnya kurang satu, harusnya dua."),
            adds=("Fotonya sudah saya kirim.", "Kotaknya belum saya buang."),
            answers=("Mohon maaf kak! Silakan ajukan pengembalian dengan fotonya, langsung kami kembalikan dananya.",),
            back=("Barangnya harus dikirim balik?", "Saya lebih suka diganti yang baru."),
        ),
        Topic.ORIGINAL: Subject(
            asks=("Ini asli kak? Ada garansi?", "{item} aman untuk anak-anak?"),
            adds=("Fotonya beda dengan yang di toko.",),
            answers=("Semua barang di {store} asli dan bergaransi satu tahun kak.",),
            back=("Kartu garansinya ada di dalam kotak?",),
        ),
        Topic.STOCK: Subject(
            asks=("{item} masih ada kak? Saya perlu sepuluh.", "Yang warna biru kapan ada lagi?"),
            adds=("Beli banyak ada diskon?",),
            answers=("Masih ada kak, silakan dipesan.",),
            back=("Bisa jadi satu paket semua?",),
        ),
        Topic.REFUND: Subject(
            asks=("Pesanan sudah batal, uangnya belum kembali kak.", "Dana untuk {order} belum saya terima."),
            adds=("Sudah seminggu kak.",),
            answers=("Dananya sudah dikirim kak, tergantung bank sekitar 3-7 hari kerja.",),
            back=("Ada nomor referensi untuk saya tanyakan ke bank?",),
        ),
    },
    thanks=("Oke kak, terima kasih", "Makasih ya, cepat sekali dibalas", "Baik, terima kasih banyak"),
    nudges=("Halo kak?", "Ada orang tidak ya"),
    closings=("Sama-sama kak, semoga harinya menyenangkan!", "Terima kasih sudah belanja di {store}!"),
    robot="Halo kak! Kami membalas pesan setiap hari jam 9.00-18.00.",
)
