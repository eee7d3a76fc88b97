"""English sentences of buyers and stores."""

from __future__ import annotations

from .talk import Subject, Talk, Topic

ENGLISH = Talk(
    subjects={
        Topic.WHERE: Subject(
            asks=(
                "Hi, where is my parcel now? Order {order}",
                "The tracking has not moved for two days, is everything ok?",
                "Hello, my {item} should have been here yesterday. Can you check?",
            ),
            adds=("I will be away from Friday, so I need it before that.", "The courier does not pick up the phone."),
            answers=(
                "Hi! Your parcel left our warehouse and is with the carrier. It should reach you in 2 to 3 days.",
                "Sorry for the wait. I asked the carrier and will write as soon as they answer.",
            ),
            back=("And if it does not come by then?", "Can you send me the tracking number again please?"),
        ),
        Topic.WHEN: Subject(
            asks=(
                "When will you ship this? I ordered {item}",
                "Hello seller, can you send it today? It is a birthday present",
                "Hi, order {order} still says waiting to be shipped.",
            ),
            adds=("I need it by Saturday at the latest.",),
            answers=(
                "We pack it this afternoon and hand it to the carrier before 6 pm.",
                "It goes out tomorrow morning. You will see the tracking number here then.",
            ),
            back=("Great, which carrier is it?", "Could you do it a bit sooner?"),
        ),
        Topic.ADDRESS: Subject(
            asks=(
                "Hi, I put the wrong house number. Can you change the address?",
                "I have moved, please send order {order} to my new address.",
            ),
            adds=("It is number 27, not 72. Same street.",),
            answers=("Please change it in the order page, we can only ship to the address shown there.",),
            back=("I cannot find the button, where is it?", "Done, can you see the new one?"),
        ),
        Topic.SIZE: Subject(
            asks=(
                "I ordered the wrong size of {item}, can I change it to a bigger one?",
                "Could you send the other colour instead? Same order.",
            ),
            adds=("If it is already packed, please tell me.",),
            answers=("It is not packed yet. Please tell us which one you want.",),
            back=("One size bigger please. Same price?",),
        ),
        Topic.CANCEL: Subject(
            asks=("Please cancel my order, I bought it twice by mistake.", "Can I still cancel {order}?"),
            adds=("I already sent the request in the app.",),
            answers=("No problem, we accept the cancellation. The refund goes back the way you paid.",),
            back=("How long does the refund take?",),
        ),
        Topic.DAMAGED: Subject(
            asks=(
                "The box arrived open and the {item} is broken :(",
                "One piece is missing in my parcel, there should be two.",
            ),
            adds=("See the photo.", "I have not thrown the box away."),
            answers=("We are sorry! Please open a return in the order page and add the photo, we refund it at once.",),
            back=("Do I have to send it back?", "I would rather have a new one than the money."),
        ),
        Topic.ORIGINAL: Subject(
            asks=("Is this original? Do you have a warranty?", "Hi, is {item} safe for children?"),
            adds=("The picture looks different from the one in the shop.",),
            answers=("Yes, everything in {store} is original and has a one year warranty.",),
            back=("Is there a card for the warranty in the box?",),
        ),
        Topic.STOCK: Subject(
            asks=("Do you have more of {item}? I need ten.", "When will the blue one be back in stock?"),
            adds=("Is there a discount for more pieces?",),
            answers=("We have it in stock, you can order as many as you need.",),
            back=("Can all of them come in one parcel?",),
        ),
        Topic.REFUND: Subject(
            asks=("Where is my refund? The order was cancelled.", "I still have not got my money back for {order}."),
            adds=("It has been a week.",),
            answers=("The platform has sent the refund. Depending on your bank it takes 3 to 7 working days.",),
            back=("Do you have a reference I can give to the bank?",),
        ),
    },
    thanks=("Ok thank you!", "Thanks a lot for the quick answer", "Great, thanks \N{PERSON WITH FOLDED HANDS}"),
    nudges=("Hello?", "Is anybody there?"),
    closings=("You are welcome, have a nice day!", "Thank you for shopping at {store}!"),
    robot="Hi! Thanks for your message. We answer every day from 9 am to 6 pm.",
)
