"""Refusals of the platform: ``code``, ``sub_code`` and texts as its documents list them.

Where no public list names the case, the code is our reading; the README says which.
"""

MESSAGES = {
    10000: "success",
    20000: "系统错误",
    30001: "操作权限不足",
    40001: "缺少必选参数",
    40002: "缺少必选参数",
    40003: "非法的参数",
    40004: "非法的参数",
    50001: "平台处理失败",
    50002: "业务处理失败",
    60000: "触发限流，请稍后重试",
    70000: "接口服务已下线",
}

# name: (code, sub_code, sub_msg)
REFUSALS = {
    # the gateway
    "app_key_missing": (40001, "isv.app-id-missing", "认证失败，app_key不存在"),
    "app_key_unknown": (40003, "isv.app-id-invalid", "认证失败，app_key格式不正确"),
    "sign_missing": (40001, "isv.signature-missing", "获取签名失败，请根据文档确保参数拼装正确"),
    "sign_wrong": (40003, "isv.signature-invalid", "签名校验失败"),
    "timestamp_format": (40003, "isv.timestamp-format-error", "时间戳格式错误"),
    "timestamp_skewed": (40003, "isv.timestamp-invalid", "时间戳不合法"),
    "method_mismatch": (40003, "isv.method-invalid", "method与请求路径不一致"),
    "version": (40003, "isv.version-invalid", "v必须为2"),
    "token_missing": (40001, "isv.access-token-missing", "认证失败，access_token不能为空"),
    "token_unknown": (
        40003,
        "isv.access-token-no-existed",
        "access_token不存在，请使用最新的access_token访问",
    ),
    "token_expired": (40003, "isv.access-token-expired", "access_token已过期"),
    "not_json": (40003, "isv.parameter-format-invalid", "业务参数json解析失败"),
    "no_such_api": (70000, "isp.api-service-off", "API不存在或API已下线"),
    "rate_limited": (60000, "isp.traffic-limited:1", "请求过于频繁"),
    # tokens
    "grant_type": (
        50001,
        "dop.token-generate-failed:grant-type-invalid",
        "生成token失败，grant_type参数取值不正确",
    ),
    "no_authorization": (
        50001,
        "dop.token-generate-failed:no-authorization",
        "生成token失败，店铺授权已失效，请重新引导商家完成店铺授权",
    ),
    "refresh_expired": (
        50001,
        "dop.token-generate-failed:token-expired",
        "生成token失败，token已过期",
    ),
    "refresh_unknown": (
        50001,
        "dop.token-generate-failed:token-invalid",
        "生成token失败，token不存在",
    ),
    # reading orders
    "no_start_time": (40004, "isv.parameter-invalid:20011", "订单查询开始时间不能为空"),
    "start_after_end": (40004, "isv.parameter-invalid:20048", "订单查询开始时间不能晚于结束时间"),
    "too_old": (40004, "isv.parameter-invalid:20022", "订单查询只支持查询最近90天内的数据"),
    "page_negative": (40004, "isv.parameter-invalid:10035", "查询订单列表页数不能小于0"),
    "page_size": (40004, "isv.parameter-invalid:20008", "单次查询订单数超过限制"),
    "page_depth": (40004, "isv.parameter-invalid:20013", "订单查询最多支持查询5万"),
    "combine_status": (
        40004,
        "isv.parameter-invalid:20012",
        "订单查询状态条件超过限制，只支持1个元素",
    ),
    "no_order_id": (40002, "isv.missing-parameter:20000", "请输入查询订单号"),
    "order_unknown": (40004, "isv.parameter-invalid:20001", "订单不存在"),
    "bad_parameter": (40004, "isv.parameter-invalid:11000", "参数错误"),
    # shipping
    "ship_no_order_id": (40002, "isv.missing-parameter:50049", "订单号不能为空"),
    "ship_order_unknown": (40004, "isv.parameter-invalid:60033", "未查询到此订单"),
    "ship_no_company": (40002, "isv.missing-parameter:60011", "物流公司Code不能为空"),
    "ship_company": (40004, "isv.parameter-invalid:60018", "暂不支持该物流公司或物流商已失效"),
    "ship_waybill": (40004, "isv.parameter-invalid:60017", "物流单号不符合规则"),
    "ship_waybill_taken": (
        50002,
        "isv.business-failed:70022",
        "物流单号已被其他订单使用，且收货人手机号/收货地址不一致，请核实后更新单号",
    ),
    "ship_unpaid": (50002, "isv.business-failed:60019", "订单未支付，不支持发货"),
    "ship_risk": (
        50002,
        "isv.business-failed:60109",
        "订单正在风控审核中，请等待订单变为“备货中”状态后重试",
    ),
    "ship_cancelled": (50002, "isv.business-failed:60021", "订单已取消，不支持发货"),
    "ship_refunded": (50002, "isv.business-failed:60068", "该订单已售前退款成功，不能发货"),
    "ship_shipped": (50002, "isv.business-failed:60110", "订单已发货，不允许再次执行发货"),
    "ship_done": (50002, "isv.business-failed:60113", "订单已完结，禁止发货"),
    "ship_refund_pending": (
        50002,
        "isv.business-failed:60040",
        "发货订单中有退款申请需要处理，请先处理",
    ),
    # stock: the cases are documented, their numbers are ours
    "stock_no_sku": (40002, "isv.missing-parameter:80001", "sku_id和code不能同时为空"),
    "stock_no_product": (40002, "isv.missing-parameter:80002", "product_id不能为空"),
    "stock_no_idempotent_id": (40002, "isv.missing-parameter:80003", "增量更新时幂等ID必填"),
    "stock_sku_unknown": (50002, "isv.business-failed:80004", "sku不存在"),
    "stock_product_unknown": (50002, "isv.business-failed:80005", "商品不存在"),
    "stock_num": (40004, "isv.parameter-invalid:80006", "库存数量不合法"),
    "stock_regional": (40004, "isv.parameter-invalid:80007", "该商品不是区域库存"),
    # notes and addresses: the cases are documented, their numbers are ours
    "remark_star": (40004, "isv.parameter-invalid:80010", "旗标不合法"),
    "address_not_asked": (50002, "isv.business-failed:80011", "没有待处理的改地址申请"),
    "address_answer": (40004, "isv.parameter-invalid:80012", "处理结果不合法"),
    # after-sales
    "aftersale_unknown": (20000, "isp.service-error:10000", "存在无效的售后单"),
    "aftersale_status": (50002, "isv.business-failed:20309541", "售后状态错误"),
    "intercept_parcel": (50002, "isv.business-failed:80008", "运单不属于该售后单的订单"),
    "intercept_delivered": (50002, "isv.business-failed:80009", "包裹已签收，无法拦截"),
    "aftersale_version": (50002, "isv.business-failed:11005", "售后单已变更，请重新获取后操作"),
}


class RefusalError(Exception):
    """The platform says no; ``name`` is a key of :data:`REFUSALS`."""

    def __init__(self, name: str):
        super().__init__(name)
        self.name = name
        self.code, self.sub_code, self.sub_msg = REFUSALS[name]

    @property
    def msg(self) -> str:
        """The general text of the code."""
        return MESSAGES[self.code]


def number(value: object) -> int:
    """Return an integer parameter, given as a JSON number or as digits in text."""
    if type(value) is int:
        return value
    if isinstance(value, str) and value.isascii() and value.lstrip("-").isdigit():
        return int(value)
    raise RefusalError("bad_parameter")


class ControlError(Exception):
    """A story asks for something impossible, for example to pay a paid order."""


class SoldOutError(ControlError):
    """A buyer wants more than is left."""
