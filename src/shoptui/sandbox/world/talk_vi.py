"""Vietnamese sentences of buyers and stores."""

from __future__ import annotations

from .talk import Subject, Talk, Topic

VIETNAMESE = Talk(
    subjects={
        Topic.WHERE: Subject(
            asks=(
                "Shop ơi, đơn {order} của mình đến đâu rồi ạ?",
                "Hai ngày nay mã vận đơn không cập nhật gì hết shop ơi",
                "Bao giờ mình nhận được {item} ạ?",
            ),
            adds=("Thứ Sáu mình đi vắng nên muốn nhận trước hôm đó ạ.", "Mình gọi bên giao hàng mà không ai nghe máy."),
            answers=(
                "Dạ hàng đã giao cho đơn vị vận chuyển, khoảng 2-3 ngày nữa tới bạn nhé.",
                "Xin lỗi bạn vì phải chờ, shop đang hỏi bên vận chuyển ạ.",
            ),
            back=("Nếu tới lúc đó vẫn chưa có thì sao ạ?", "Shop gửi lại mã vận đơn giúp mình với."),
        ),
        Topic.WHEN: Subject(
            asks=(
                "Khi nào shop gửi hàng ạ?",
                "Hôm nay shop gửi được không? Mình mua tặng sinh nhật",
                "Đơn {order} sao vẫn chưa gửi vậy shop?",
            ),
            adds=("Chậm nhất thứ Bảy là mình phải có rồi.",),
            answers=(
                "Dạ chiều nay shop đóng gói và giao cho bưu tá trước 18 giờ ạ.",
                "Sáng mai shop gửi nhé, lúc đó bạn sẽ thấy mã vận đơn.",
            ),
            back=("Shop gửi bên nào vậy ạ?", "Gửi sớm hơn được không shop?"),
        ),
        Topic.ADDRESS: Subject(
            asks=(
                "Mình ghi nhầm số nhà, đổi địa chỉ được không shop?",
                "Mình chuyển nhà rồi, gửi đơn {order} đến địa chỉ mới nha.",
            ),
            adds=("Số 27 chứ không phải 72 ạ, cùng đường đó.",),
            answers=("Bạn sửa trong trang đơn hàng giúp shop nhé, shop chỉ gửi theo địa chỉ ở đó ạ.",),
            back=("Mình không thấy nút sửa, ở đâu vậy shop?", "Mình sửa rồi, shop thấy chưa ạ?"),
        ),
        Topic.SIZE: Subject(
            asks=(
                "Mình đặt nhầm cỡ {item}, đổi cỡ lớn hơn được không?",
                "Shop đổi sang màu khác giúp mình được không ạ?",
            ),
            adds=("Nếu đóng gói rồi thì báo mình nhé.",),
            answers=("Dạ shop chưa đóng gói, bạn muốn lấy loại nào ạ?",),
            back=("Lớn hơn một cỡ nha shop, giá có đổi không?",),
        ),
        Topic.CANCEL: Subject(
            asks=("Mình đặt nhầm hai lần, shop hủy giúp một đơn nhé.", "Đơn {order} còn hủy được không shop?"),
            adds=("Mình gửi yêu cầu trong ứng dụng rồi ạ.",),
            answers=("Dạ được, shop đồng ý hủy, tiền sẽ hoàn về chỗ bạn đã thanh toán.",),
            back=("Bao lâu thì có tiền hoàn ạ?",),
        ),
        Topic.DAMAGED: Subject(
            asks=("Hộp bị hở, {item} vỡ rồi shop ơi", "Mình nhận thiếu một cái, phải có hai cái mới đúng."),
            adds=("Mình gửi ảnh rồi đó ạ.", "Mình vẫn giữ cái hộp."),
            answers=("Shop xin lỗi bạn! Bạn bấm trả hàng và thêm ảnh, shop hoàn tiền ngay ạ.",),
            back=("Có phải gửi trả lại không shop?", "Mình muốn lấy cái mới hơn là hoàn tiền."),
        ),
        Topic.ORIGINAL: Subject(
            asks=("Hàng chính hãng không shop? Có bảo hành không?", "{item} trẻ em dùng được không ạ?"),
            adds=("Nhìn ảnh khác với hàng ngoài tiệm.",),
            answers=("Dạ hàng của {store} đều chính hãng, bảo hành một năm ạ.",),
            back=("Trong hộp có phiếu bảo hành không shop?",),
        ),
        Topic.STOCK: Subject(
            asks=("{item} còn hàng không ạ? Mình cần mười cái.", "Khi nào màu xanh có lại shop?"),
            adds=("Mua nhiều có giảm không shop?",),
            answers=("Dạ còn hàng ạ, bạn cứ đặt nhé.",),
            back=("Gửi chung một kiện được không ạ?",),
        ),
        Topic.REFUND: Subject(
            asks=("Đơn hủy rồi mà sao chưa có tiền hoàn ạ?", "Mình chưa nhận được tiền của đơn {order}."),
            adds=("Cả tuần rồi đó shop.",),
            answers=("Sàn đã hoàn tiền rồi ạ, tùy ngân hàng khoảng 3-7 ngày làm việc.",),
            back=("Shop có mã tham chiếu để mình hỏi ngân hàng không?",),
        ),
    },
    thanks=("Dạ cảm ơn shop!", "Ok shop, cảm ơn nhiều nha", "Shop trả lời nhanh quá, cảm ơn ạ"),
    nudges=("Shop ơi?", "Alo shop ơi, có ai không ạ"),
    closings=("Dạ không có gì ạ, chúc bạn một ngày vui!", "Cảm ơn bạn đã mua hàng ở {store}!"),
    robot="Xin chào! Shop trả lời tin nhắn từ 9 giờ đến 18 giờ mỗi ngày ạ.",
)
