"""A Doudian shop order and after-sale as the platform answers them (reference §3.4, §3.5)."""

import copy
import json

ORDER = {
    "order_id": "6979800000000017919",
    "order_status": 2,
    "main_status": 2,
    "create_time": 1795319400,
    "pay_time": 1795319415,
    "update_time": 1795319420,
    "exp_ship_time": 1795492215,
    "pay_amount": 4200,
    "post_amount": 600,
    "buyer_words": "谢谢🙏",
    "seller_words": "",
    "shop_order_tag_ui": [],
    "post_receiver": "",
    "post_tel": "",
    "encrypt_post_receiver": "##TfqadNPm/8KG=*B9/vkgkCxwfh+Pflflr#1##",
    "encrypt_post_tel": "$$MzKcdq044C+uMn24vLT=*fhX8TAlRGHsYlvY0PDCwlN09==$1$$",
    "mask_post_receiver": "张**",
    "mask_post_tel": "1********00",
    "post_addr": {
        "province": {"name": "福建省", "id": "35"},
        "city": {"name": "厦门市", "id": "350200"},
        "town": {"name": "思明区", "id": "350203"},
        "street": {"name": "莲前街道", "id": "350203004"},
        "detail": "",
        "encrypt_detail": "##jhd1GQhnKZ/jMhGz=*gpFr+SJjpRaPqX9M#1##",
    },
    "mask_post_addr": {"detail": "人民******"},
    "open_address_id": "#jLofJklzcyzQqTej/6Y",
    "sku_order_list": [
        {
            "order_id": "6979800000000017920",
            "product_id": 3603410716076201730,
            "product_id_str": "3603410716076201730",
            "sku_id": 3410716076201731,
            "code": "SKU-A",
            "product_name": "商品A",
            "item_num": 2,
            "origin_amount": 1990,
            "sum_amount": 3980,
            "pay_amount": 3600,
            "shop_cost_amount": 140,
            "platform_cost_amount": 190,
            "only_platform_cost_amount": 160,
            "author_cost_amount": 30,
            "promotion_pay_amount": 50,
            "room_id": 7301234567890123456,
            "room_id_str": "7301234567890123457",
            "author_id": 109876543210987,
            "author_name": "小鹿",
            "given_product_type": "",
            "master_sku_order_id_list": [],
            "after_sale_info": {"after_sale_status": 0, "after_sale_type": 0, "refund_status": 0},
        }
    ],
}
AFTERSALE = {
    "aftersale_info": {
        "aftersale_id": "7179800000000000001",
        "aftersale_order_type": 1,
        "aftersale_type": 2,
        "aftersale_status": 6,
        "related_id": "6979800000000017920",
        "apply_time": 1795319430,
        "update_time": 1795319431,
        "refund_amount": 3600,
        "refund_post_amount": 600,
        "aftersale_num": 1,
        "status_deadline": 1795492231,
    },
    "order_info": {
        "shop_order_id": "6979800000000017919",
        "related_order_info": [{"sku_order_id": "6979800000000017920"}],
    },
    "text_part": {"reason_text": "不想要了"},
}


def order(**changes):
    """A copy of the order with changes; ``line=`` changes its line. ``...`` removes a key."""
    made = copy.deepcopy(ORDER)
    line = changes.pop("line", {})
    for target, values in ((made, changes), (made["sku_order_list"][0], line)):
        for key, value in values.items():
            if value is ...:
                del target[key]
            else:
                target[key] = value
    return made


def aftersale(**changes):
    made = copy.deepcopy(AFTERSALE)
    made["aftersale_info"] |= changes
    return made


def text(value) -> str:
    return json.dumps(value)
