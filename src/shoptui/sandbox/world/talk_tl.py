"""Filipino sentences of buyers and stores."""

from __future__ import annotations

from .talk import Subject, Talk, Topic

FILIPINO = Talk(
    subjects={
        Topic.WHERE: Subject(
            asks=(
                "Hello po, nasaan na po yung order ko? {order}",
                "Dalawang araw na pong hindi gumagalaw yung tracking",
                "Kailan po darating yung {item}?",
            ),
            adds=("Wala po ako sa bahay sa Biyernes, sana dumating bago nun.", "Hindi po sumasagot yung rider."),
            answers=(
                "Nasa courier na po ang parcel, mga 2 hanggang 3 araw po darating na.",
                "Pasensya na po sa paghihintay, tinatanong na po namin sa courier.",
            ),
            back=("Paano po kung hindi pa rin dumating?", "Pahingi po ulit ng tracking number."),
        ),
        Topic.WHEN: Subject(
            asks=(
                "Kailan po ipapadala?",
                "Pwede po bang ngayon na ipadala? Regalo po kasi sa kaarawan",
                "Bakit po hindi pa napapadala yung {order}?",
            ),
            adds=("Kailangan ko na po sa Sabado.",),
            answers=(
                "Iimpake po namin mamayang hapon at ibibigay sa courier bago mag-alas sais.",
                "Bukas po ng umaga ipapadala, makikita niyo po dito ang tracking number.",
            ),
            back=("Anong courier po?", "Pwede po bang mas maaga?"),
        ),
        Topic.ADDRESS: Subject(
            asks=(
                "Mali po yung numero ng bahay ko, pwede pa pong palitan?",
                "Lumipat na po kami, paki-send po ng {order} sa bago.",
            ),
            adds=("27 po, hindi 72. Parehong kalye.",),
            answers=("Paki-edit po sa order page, doon lang po kami nakakapagpadala.",),
            back=("Saan po yung button?", "Napalitan ko na po, nakikita niyo na po ba?"),
        ),
        Topic.SIZE: Subject(
            asks=("Mali po yung size ng {item}, pwede po bang mas malaki?", "Pwede po bang ibang kulay na lang?"),
            adds=("Pakisabi po kung naka-pack na.",),
            answers=("Hindi pa po naka-pack, alin po ang gusto niyo?",),
            back=("Isang size na mas malaki po, pareho po ba ang presyo?",),
        ),
        Topic.CANCEL: Subject(
            asks=("Pa-cancel po ng isa, dalawang beses ko pong na-order.", "Pwede pa po bang i-cancel yung {order}?"),
            adds=("Nag-request na po ako sa app.",),
            answers=("Sige po, tatanggapin po namin ang cancellation. Babalik po ang bayad niyo.",),
            back=("Gaano po katagal ang refund?",),
        ),
        Topic.DAMAGED: Subject(
            asks=("Bukas na po yung kahon at sira na yung {item}", "Kulang po ng isa, dapat dalawa."),
            adds=("Nag-send po ako ng picture.", "Nasa akin pa po yung kahon."),
            answers=("Pasensya na po! Mag-file po ng return na may picture, ire-refund po namin agad.",),
            back=("Kailangan ko po bang ibalik?", "Mas gusto ko po sana ng bago kaysa refund."),
        ),
        Topic.ORIGINAL: Subject(
            asks=("Original po ba ito? May warranty po?", "Safe po ba sa bata yung {item}?"),
            adds=("Iba po kasi yung picture sa nasa mall.",),
            answers=("Lahat po ng nasa {store} ay original at may isang taong warranty.",),
            back=("Kasama po ba sa kahon ang warranty card?",),
        ),
        Topic.STOCK: Subject(
            asks=("May stock pa po ba ng {item}? Sampu po sana.", "Kailan po magkakaroon ulit ng blue?"),
            adds=("May discount po ba pag marami?",),
            answers=("Meron pa po, pwede na pong mag-order.",),
            back=("Pwede po bang isang parcel lang lahat?",),
        ),
        Topic.REFUND: Subject(
            asks=(
                "Na-cancel na po pero wala pa yung refund ko.",
                "Hindi ko pa po natatanggap yung bayad para sa {order}.",
            ),
            adds=("Isang linggo na po.",),
            answers=("Naibalik na po ng platform, 3 hanggang 7 araw po depende sa bangko.",),
            back=("May reference number po ba para sa bangko?",),
        ),
    },
    thanks=("Okay po, salamat!", "Salamat po, ang bilis sumagot", "Sige po, maraming salamat"),
    nudges=("Hello po?", "May tao po ba?"),
    closings=("Walang anuman po, ingat!", "Salamat po sa pagbili sa {store}!"),
    robot="Hello po! Sumasagot kami araw-araw mula 9 ng umaga hanggang 6 ng gabi.",
)
