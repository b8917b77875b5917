"""The payment channels that divide payments, by name; each talks in its own way."""

from __future__ import annotations

from . import alipay_client, wechat_client

CHANNELS = {"wechat": wechat_client, "alipay": alipay_client}
