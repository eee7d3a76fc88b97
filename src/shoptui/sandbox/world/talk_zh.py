"""Chinese sentences of buyers and stores."""

from __future__ import annotations

from .talk import Subject, Talk, Topic

CHINESE = Talk(
    subjects={
        Topic.WHERE: Subject(
            asks=(
                "你好，我的包裹到哪里了？订单 {order}",
                "物流两天没更新了，是不是丢了？",
                "请问 {item} 什么时候能到？",
            ),
            adds=("周五我要出门，最好之前能收到。", "打快递电话没人接。"),
            answers=("亲，包裹已经交给快递，预计两到三天送达。", "不好意思让您久等了，我们马上向快递核实。"),
            back=("那如果到时候还没到怎么办？", "麻烦再发一下运单号好吗？"),
        ),
        Topic.WHEN: Subject(
            asks=("什么时候发货？", "可以今天发吗？是送人的生日礼物", "订单 {order} 怎么还没发货"),
            adds=("最晚周六要用。",),
            answers=("今天下午打包，傍晚六点前交给快递。", "明天早上发出，届时可以看到运单号。"),
            back=("发的是哪家快递？", "能不能再快一点？"),
        ),
        Topic.ADDRESS: Subject(
            asks=("门牌号写错了，可以改地址吗？", "我搬家了，订单 {order} 请寄到新地址。"),
            adds=("是27号，不是72号，街道没变。",),
            answers=("请在订单页面修改地址，我们只能按页面上的地址发货。",),
            back=("找不到修改的按钮，在哪里？", "改好了，你们看到了吗？"),
        ),
        Topic.SIZE: Subject(
            asks=("{item} 买小了，可以换大一码吗？", "能不能换成另一个颜色？"),
            adds=("如果已经打包了请告诉我。",),
            answers=("还没有打包，请告诉我们您要哪一款。",),
            back=("要大一码的，价格一样吗？",),
        ),
        Topic.CANCEL: Subject(
            asks=("不小心买了两次，麻烦取消一单。", "订单 {order} 还能取消吗？"),
            adds=("我已经在应用里申请了。",),
            answers=("好的，我们同意取消，款项会原路退回。",),
            back=("退款要多久？",),
        ),
        Topic.DAMAGED: Subject(
            asks=("收到的时候盒子是开的，{item} 坏了", "少了一件，应该是两件的。"),
            adds=("照片发给你了。", "盒子还没扔。"),
            answers=("非常抱歉！请在订单页面申请退货并上传照片，我们马上退款。",),
            back=("东西要寄回去吗？", "能不能补寄一个新的？"),
        ),
        Topic.ORIGINAL: Subject(
            asks=("这是正品吗？有保修吗？", "请问 {item} 小孩可以用吗？"),
            adds=("图片看起来和专柜的不一样。",),
            answers=("亲，{store} 全部都是正品，保修一年。",),
            back=("盒子里有保修卡吗？",),
        ),
        Topic.STOCK: Subject(
            asks=("{item} 还有货吗？我要十个。", "蓝色的什么时候补货？"),
            adds=("多买有优惠吗？",),
            answers=("有货的，可以直接下单。",),
            back=("可以放在一个包裹里吗？",),
        ),
        Topic.REFUND: Subject(
            asks=("订单取消了，退款怎么还没到？", "{order} 的钱还没退给我。"),
            adds=("已经一个星期了。",),
            answers=("平台已经退款，到账时间看银行，一般三到七个工作日。",),
            back=("有退款编号吗？我问问银行。",),
        ),
    },
    thanks=("好的，谢谢！", "谢谢，回复很快", "明白了，辛苦了"),
    nudges=("在吗？", "有人吗"),
    closings=("不客气，祝您生活愉快！", "感谢光临 {store}！"),
    robot="您好！客服时间每天九点到十八点，我们会尽快回复。",
)
