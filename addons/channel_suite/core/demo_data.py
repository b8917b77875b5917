"""The demo brand as tables: what it sells, to whom, from where, and who works there.

Amounts are fen. Nothing here is real: names, numbers and codes are made up.
"""

from dataclasses import dataclass, field

BRAND = "示例品牌（上海）日用品有限公司"
PASSWORD = "qudao"
SKU_BASE = 3_410_716_076_201_700
ROOM_REF = "7301234567890123456"
AUTHOR_REF = "109876543210987"
STANDARD_VAT = 13
FOOD_VAT = 9


def ean13(number: int) -> str:
    """An EAN-13 barcode of a twelve-digit number: its check digit appended."""
    digits = f"{number:012d}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-total % 10}"


@dataclass(frozen=True, slots=True)
class Product:
    """A product of the brand. ``price`` and ``cost`` in fen, tax included; ``vat`` in percent."""

    code: str
    name: str
    name_en: str
    price: int
    cost: int
    vat: int = STANDARD_VAT
    weight: str = "0.3"

    @property
    def barcode(self) -> str:
        return ean13(690_123_400_000 + int(self.code[2:]))


PRODUCTS: tuple[Product, ...] = (
    Product("SL001", "示例 氨基酸洁面乳 120g", "Amino Acid Cleanser 120 g", 6900, 2100),
    Product("SL002", "示例 玻尿酸补水面膜 10片", "Hyaluronic Mask, 10 sheets", 9900, 2900),
    Product("SL003", "示例 烟酰胺精华液 30ml", "Niacinamide Serum 30 ml", 15900, 4600),
    Product("SL004", "示例 清爽防晒乳 SPF50+ 50ml", "Sun Lotion SPF50+ 50 ml", 8900, 2500),
    Product(
        "SL005", "示例 氨基酸洗发水 500ml", "Amino Acid Shampoo 500 ml", 5900, 1700, weight="0.6"
    ),
    Product("SL006", "示例 控油沐浴露 750ml", "Shower Gel 750 ml", 4900, 1400, weight="0.9"),
    Product("SL007", "示例 润手霜 75ml", "Hand Cream 75 ml", 2990, 800, weight="0.1"),
    Product(
        "SL008",
        "示例 有机亚麻籽油 500ml",
        "Organic Linseed Oil 500 ml",
        7900,
        3300,
        FOOD_VAT,
        "0.7",
    ),
    Product("SL009", "示例 旅行装礼盒（赠品）", "Travel Set (gift)", 1900, 500, weight="0.1"),
)


@dataclass(frozen=True, slots=True)
class Offer:
    """A link on the platform: ``parts`` are (product code, quantity, price share)."""

    number: int
    title: str
    price: int
    quota_share: int
    parts: tuple[tuple[str, int, int], ...]

    @property
    def sku_ref(self) -> str:
        return str(SKU_BASE + self.number)

    @property
    def code(self) -> str:
        return f"ZB{self.number:03d}"


# quota_share: units of the session in percent of the orders that are bought.
OFFERS: tuple[Offer, ...] = (
    Offer(1, "【直播价】氨基酸洁面乳 120g", 5900, 60, (("SL001", 1, 1),)),
    Offer(2, "【直播价】玻尿酸补水面膜 10片", 7900, 60, (("SL002", 1, 1),)),
    Offer(3, "【直播价】烟酰胺精华液 30ml", 12900, 45, (("SL003", 1, 1),)),
    Offer(4, "【直播价】清爽防晒乳 SPF50+", 6900, 45, (("SL004", 1, 1),)),
    Offer(5, "【直播价】有机亚麻籽油 500ml", 6990, 45, (("SL008", 1, 1),)),
    Offer(
        6,
        "【主播套装】洁面乳×1+面膜×2 送旅行装",
        18800,
        40,
        (("SL001", 1, 5900), ("SL002", 2, 15800), ("SL009", 1, 0)),
    ),
)
STANDING_OFFERS: tuple[Offer, ...] = (
    Offer(7, "氨基酸洗发水 500ml", 5500, 25, (("SL005", 1, 1),)),
    Offer(8, "控油沐浴露 750ml", 4500, 25, (("SL006", 1, 1),)),
    Offer(9, "润手霜 75ml", 2890, 25, (("SL007", 1, 1),)),
)
# Sold on the platform, but nobody entered the link here: an exception people see.
FORGOTTEN_SKU = str(SKU_BASE + 99)


@dataclass(frozen=True, slots=True)
class Member:
    """A dealer or retailer; ``parent`` is the code of the one who supplies it."""

    code: str
    name: str
    kind: str
    province: str
    city: str
    parent: str = ""
    grade: str = "gold"


MEMBERS: tuple[Member, ...] = (
    Member("D-HD", "上海申渠商贸有限公司", "dealer", "上海市", "上海市"),
    Member("D-HN", "广州粤通贸易有限公司", "dealer", "广东省", "广州市"),
    Member("D-XN", "成都蜀达商贸有限公司", "dealer", "四川省", "成都市", grade="silver"),
    Member("R-HZ", "杭州西湖优品生活馆", "retailer", "浙江省", "杭州市", "D-HD", "silver"),
    Member("R-NJ", "南京金陵美妆集合店", "retailer", "江苏省", "南京市", "D-HD", "silver"),
    Member("R-SZ", "深圳南山鹏城优选店", "retailer", "广东省", "深圳市", "D-HN", "silver"),
    Member("R-XM", "厦门鹭岛日化商行", "retailer", "福建省", "厦门市", "D-HN", "silver"),
    Member("R-CQ", "重庆山城生活超市", "retailer", "重庆市", "重庆市", "D-XN", "silver"),
    Member("R-KM", "昆明春城美妆店", "retailer", "云南省", "昆明市", "D-XN", "silver"),
)
GRADES: tuple[tuple[str, str], ...] = (("gold", "金牌"), ("silver", "银牌"))
TERRITORIES: dict[str, tuple[str, ...]] = {
    "D-HD": ("上海市", "江苏省", "浙江省", "安徽省"),
    "D-HN": ("广东省", "福建省", "广西壮族自治区", "海南省"),
    "D-XN": ("四川省", "重庆市", "云南省", "贵州省"),
}


@dataclass(frozen=True, slots=True)
class Warehouse:
    """A warehouse of the brand, and the provinces it ships to.

    Nobody ships to 新疆 and 西藏 yet: their orders stand on the unfillable list, where a person decides.
    """

    code: str
    name: str
    city: str
    province: str
    provinces: tuple[str, ...]
    priority: int = 10
    weight: int = 1


WAREHOUSES: tuple[Warehouse, ...] = (
    Warehouse(
        "SHA",
        "上海仓",
        "上海市",
        "上海市",
        (
            "上海市", "江苏省", "浙江省", "安徽省", "山东省", "北京市", "天津市", "河北省", "河南省",
            "山西省", "辽宁省", "吉林省", "黑龙江省", "陕西省", "湖北省", "甘肃省", "青海省",
            "内蒙古自治区", "宁夏回族自治区",
        ),
        weight=3,
    ),
    Warehouse(
        "CAN",
        "广州仓",
        "广州市",
        "广东省",
        (
            "广东省", "福建省", "广西壮族自治区", "海南省", "湖南省", "江西省", "四川省", "重庆市",
            "云南省", "贵州省",
        ),
        weight=2,
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """A user of the demo: ``role`` as shown at start, ``group`` by external id."""

    login: str
    name: str
    role: str
    group: str
    member: str = field(default="")
    talent: str = field(default="")


PEOPLE: tuple[Person, ...] = (
    Person("boss", "陈总", "Channel administrator 管理员", "channel_network.group_channel_admin"),
    Person("finance", "王会计", "Finance clerk 财务", "channel_network.group_finance_clerk"),
    Person("warehouse", "李仓管", "Warehouse 仓库", "channel_network.group_warehouse"),
    Person("sales", "赵业务", "Sales representative 业务员", "channel_network.group_sales_rep"),
    Person("manager", "孙经理", "Sales manager 销售经理", "channel_network.group_sales_manager"),
    Person(
        "operator",
        "周中控",
        "Livestream operator 直播中控",
        "channel_network.group_livestream_operator",
    ),
    Person(
        "integration",
        "吴接口",
        "Integration admin 接口管理员",
        "channel_network.group_integration_admin",
    ),
    Person("dealer", "郑老板", "Dealer 经销商", "channel_network.group_member_user", "D-HD"),
    Person("host", "小鹿", "Host 主播", "base.group_portal", talent="host"),
)

# Yuan that dealers pay in by bank slip, and a slip that waits for approval.
TOP_UPS = {"D-HD": 120_000, "D-HN": 60_000, "D-XN": 5_000}
TOP_UP_TO_APPROVE = 30_000
SLIP_BASE = 20_261_111_000_401
# Orders as (member, (product, quantity), …): delivered, on its way, and one that money is short for.
DEALER_ORDERS = (
    ("D-HD", (("SL001", 240), ("SL005", 120))),
    ("D-HN", (("SL002", 200), ("SL004", 100))),
    ("D-XN", (("SL003", 120), ("SL006", 60))),
)
# Yuan of its bonus that the first dealer spends on its order, and what of the order comes back.
REBATE_USED = 2_000
RETURNED = ("SL005", 20)
# What a dealer orders in the portal, and under which name.
PORTAL_ORDER = ("D-HD", (("SL002", 60), ("SL007", 120)))
PORTAL_ORDER_NAME = "门店补货"
# A dealer gets money back: how much, where to, why.
REFUND = ("D-HN", 8_000, "6222021001123456789", "合同期内多缴，退回部分预存货款")
# What talents get for the evenings of last month, beside their shares.
PIT_FEES = {"host": 3_000, "mcn": 1_500}
# Targets of this month as (member or none for all, yuan): reached, on the way, of everybody.
TARGETS = (("D-HD", 30_000), ("D-HN", 80_000), ("", 200_000))
# A picture of one white pixel stands for the slips.
SLIP_PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63f8ff"
    "ffff7f0009fb03fd2a86e38a0000000049454e44ae426082"
)


@dataclass(frozen=True, slots=True)
class Aftersale:
    """What a buyer asks when the parcel is there, and how far it has come.

    ``answer`` of the operator: grant, refuse, or nothing yet. ``sends``: the goods are on their way
    back. ``told``: the buyer told the waybill. ``found``: the condition of the first unit at the
    returns desk, empty when the parcel is not here. ``paid``: the money goes back. ``fen``: asked
    for, 0 is all that was paid.
    """

    kind: str
    answer: str = ""
    sends: bool = False
    told: bool = True
    found: str = ""
    paid: bool = False
    fen: int = 0


# A product that nobody expects in a parcel of these.
WRONG_PRODUCT = "SL009"
# In this order: when few orders have left, the first ones are played.
AFTERSALES: tuple[Aftersale, ...] = (
    Aftersale("return", "grant", sends=True, found="good", paid=True),
    Aftersale("refund_only", fen=500),
    Aftersale("return", "grant", sends=True, found="defect"),
    Aftersale("price", "grant", fen=300),
    Aftersale("return", "grant", sends=True, found="wrong"),
    Aftersale("return", "grant", sends=True, told=False, found="good"),
    Aftersale("exchange", "grant", sends=True, found="good"),
    Aftersale("resend", "grant"),
    Aftersale("return", "grant", sends=True),
    Aftersale("refund_only", "refuse", fen=900),
)
