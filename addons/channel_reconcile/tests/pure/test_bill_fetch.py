"""Asking WeChat Pay, Alipay and UnionPay for a day's bill, and trusting only the right file."""

import base64
import gzip
import hashlib
import io
import json
import zlib
from datetime import date, datetime

import pytest
from channel_reconcile.core import detect, fetch, source
from channel_reconcile.core.bill import Given
from channel_split_pay.core.answers import Untrusted
from simulators import bill_files as files

DAY = date(2026, 11, 20)
CONTENT = b"".join(files.wechat(files.trades(1, 50)))
SHA1 = hashlib.sha1(CONTENT).hexdigest()
ADDRESS = "https://api.mch.weixin.qq.com/v3/billdownload/file?token=a%2Bb"


def answer(**changes):
    values = {"hash_type": "SHA1", "hash_value": SHA1, "download_url": ADDRESS} | changes
    return json.dumps(values).encode()


def saved(pieces, sha1="", packed=True):
    target = io.BytesIO()
    fetch.save(pieces, target, sha1, packed=packed)
    return target.getvalue()


# -- when ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "then"),
    [
        (datetime(2026, 11, 20, 12), datetime(2026, 11, 21, 10)),
        (datetime(2026, 11, 21, 9, 59), datetime(2026, 11, 21, 10)),
        (datetime(2026, 11, 21, 10), datetime(2026, 11, 22, 10)),
        (datetime(2026, 11, 22, 8), datetime(2026, 11, 22, 10)),
        (datetime(2026, 11, 30, 23), datetime(2026, 12, 1, 10)),
    ],
)
def test_a_bill_is_asked_for_when_it_is_ready_then_once_a_day(now, then):
    assert fetch.next_try(DAY, now) == then


# -- WeChat Pay ---------------------------------------------------------------------------------


def test_what_wechat_is_asked():
    assert fetch.wechat_trade(DAY) == (
        "/v3/bill/tradebill?bill_date=2026-11-20&bill_type=ALL&tar_type=GZIP"
    )
    assert fetch.wechat_trade(DAY, "REFUND", "190").endswith("=REFUND&tar_type=GZIP&sub_mchid=190")
    assert fetch.wechat_funds(DAY) == (
        "/v3/bill/fundflowbill?bill_date=2026-11-20&account_type=BASIC&tar_type=GZIP"
    )


def test_where_wechat_has_the_bill():
    found = fetch.wechat_answer(200, answer())
    assert found == fetch.Download(ADDRESS, "/v3/billdownload/file?token=a%2Bb", SHA1)
    assert fetch.wechat_answer(200, answer(download_url="http://127.0.0.1:8080/x")).path == "/x"


@pytest.mark.parametrize(
    "changes",
    [{"hash_type": "MD5"}, {"hash_value": ""}, {"download_url": "https://example.com/v3/x"},
     {"download_url": "http://api.mch.weixin.qq.com/x"}, {"download_url": ""},
     {"download_url": "https://api.mch.weixin.qq.com@example.com/x"}],
)  # fmt: skip
def test_an_answer_that_cannot_be_trusted(changes):
    with pytest.raises(Untrusted):
        fetch.wechat_answer(200, answer(**changes))


@pytest.mark.parametrize(
    ("code", "later"), [("NO_STATEMENT_EXIST", False), ("STATEMENT_CREATING", True)]
)
def test_there_is_no_bill_or_not_yet(code, later):
    with pytest.raises(fetch.NoBill) as caught:
        fetch.wechat_answer(400, json.dumps({"code": code, "message": ""}).encode())
    assert (caught.value.code, caught.value.later) == (code, later)
    with pytest.raises(Untrusted):
        fetch.wechat_answer(403, b'{"code":"NO_AUTH"}')


# -- Alipay -------------------------------------------------------------------------------------


def test_what_alipay_is_asked_and_answers():
    assert fetch.alipay_content("trade", DAY) == b'{"bill_type":"trade","bill_date":"2026-11-20"}'
    with pytest.raises(ValueError):
        fetch.alipay_content("zft_acc", DAY)
    url = "https://dwbillcenter.alipay.com/downloadBillFile.resource?bizType=trade&token=1"
    node = json.dumps({"code": "10000", "msg": "Success", "bill_download_url": url}).encode()
    assert fetch.alipay_answer(node).url == url


@pytest.mark.parametrize(
    "url", ["https://alipay.com.example.com/x", "http://dwbillcenter.alipay.com/x", "",
            "https://example.com/.alipay.com", "https://evilalipay.com/"],
)  # fmt: skip
def test_an_address_that_is_not_alipays(url):
    node = json.dumps({"code": "10000", "bill_download_url": url}).encode()
    with pytest.raises(Untrusted):
        fetch.alipay_answer(node)


def test_alipay_has_no_bill():
    node = json.dumps({"code": "40004", "sub_code": "isp.bill_not_exist"}).encode()
    with pytest.raises(fetch.NoBill) as caught:
        fetch.alipay_answer(node)
    assert caught.value.later
    with pytest.raises(Untrusted):
        fetch.alipay_answer(b'{"code":"40004","sub_code":"isv.invalid-signature"}')


# -- the file itself ----------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 7, 1000, 10**6])
def test_what_is_saved_is_the_unpacked_content(size):
    packed = gzip.compress(CONTENT)
    pieces = [packed[at : at + size] for at in range(0, len(packed), size)]
    assert saved(pieces, SHA1) == CONTENT
    assert saved([CONTENT], SHA1, packed=False) == CONTENT
    assert len(list(detect.read(io.BytesIO(saved(pieces))))) == 50


def test_another_content_than_was_told_is_refused():
    changed = CONTENT.replace(b"0.01", b"0.02") + b" "
    for pieces, packed in (([gzip.compress(changed)], True), ([changed], False)):
        with pytest.raises(Untrusted, match="another bill"):
            saved(pieces, SHA1, packed)
    packed = gzip.compress(CONTENT)
    with pytest.raises(Untrusted, match="another bill"):  # the hash is of the unpacked content
        saved([packed], hashlib.sha1(packed).hexdigest())


def test_a_damaged_download_is_refused():
    packed = gzip.compress(CONTENT)
    for pieces in (
        [packed[:-9]],
        [packed[:50] + b"xx" + packed[52:]],
        [packed + b"x"],
        [b"", b"{}"],
    ):
        with pytest.raises(Untrusted, match="damaged"):
            saved(pieces, SHA1)


def test_a_download_without_end_is_refused(monkeypatch):
    monkeypatch.setattr(source, "MAX_BYTES", 10**6)
    with pytest.raises(Untrusted, match="too large"):
        saved([gzip.compress(bytes(10**7))])
    with pytest.raises(Untrusted, match="too large"):
        saved((bytes(10**5) for _piece in range(100)), packed=False)


def test_unionpays_file_transfer():
    trades = list(files.trades(1, 5))
    archive = files.packed([(f"INN{DAY:%y%m%d}88ZM_1", files.unionpay(trades))]).getvalue()
    content = base64.b64encode(zlib.compress(archive)).decode()
    target = io.BytesIO()
    fetch.unionpay_archive(content, target)
    assert len(list(detect.read(target, Given()))) == 5
    for damaged in (content[:-8], "?", base64.b64encode(b"x").decode()):
        with pytest.raises(Untrusted):
            fetch.unionpay_archive(damaged, io.BytesIO())
