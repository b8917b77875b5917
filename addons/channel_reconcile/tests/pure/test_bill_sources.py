"""Files as they come: which reader, packed how, how large, and what they may do to memory."""

import gzip
import io
import tracemalloc
import zipfile
from datetime import datetime

import pytest
from channel_reconcile.core import detect, source, table
from channel_reconcile.core.bill import Given, Reason, Refused
from channel_reconcile.core.columns import Chain
from channel_reconcile.core.source import Content, Part, charset
from simulators import bill_files as files
from simulators.bill_files import DAY

TRADES = list(files.trades(3, 5))
WECHAT = b"".join(files.wechat(TRADES))


def read(data, given=None):
    reading = detect.read(io.BytesIO(data), given or Given(day=DAY))
    return list(reading), reading.bill


def refused(data, given=None):
    with pytest.raises(Refused) as caught:
        read(data, given)
    return caught.value


def zipped(**entries):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return target.getvalue()


# -- which reader -------------------------------------------------------------------------------


def test_a_file_is_known_by_its_content_whatever_its_name():
    for name in ("支付宝.zip", "INN26112088ZM_1", "", "a.xml"):
        assert read(WECHAT, Given(name=name, day=DAY))[1].format == "wechat.trade"


@pytest.mark.parametrize(
    "data",
    [b"", b"\n\n", b"hello", b"a,b,c\r\n1,2,3\r\n", b"\x89PNG\r\n\x1a\n" + bytes(99), b"<xml/>",
     "日期,金额\n2026-01-01,3.00\n".encode("gbk"), b'"', b"\xff\xfe"],
)  # fmt: skip
def test_what_nobody_knows_is_refused(data):
    assert refused(data).reason is Reason.UNKNOWN


def test_two_formats_in_one_archive_are_refused():
    funds = b"".join(files.wechat_funds(TRADES))
    assert refused(zipped(a=WECHAT, b=funds)).reason is Reason.MIXED
    assert refused(zipped(a=WECHAT, b=WECHAT)).reason is Reason.MIXED  # two days of one kind too


def test_what_else_is_in_an_archive_is_told():
    packed = files.packed([("说明.txt", [b"hello"]), ("账单.csv", [WECHAT])]).getvalue()
    rows, bill = read(packed)
    assert len(rows) == len(TRADES) and bill.ignored == ("说明.txt",)


def test_a_refusal_names_the_file_in_the_archive():
    other = b"".join(files.alipay_trade(TRADES, account="2088000000000002"))
    packed = files.packed([("一.csv", files.alipay_trade(TRADES)), ("二.csv", [other])])
    error = refused(packed.getvalue())
    assert (error.reason, error.part, error.value) == (Reason.ACCOUNT, "二.csv", "2088000000000002")


def test_an_archive_with_only_the_summary_is_cut():
    packed = zipped(a=files.alipay_stores(TRADES))
    assert refused(packed).reason is Reason.CUT


def test_details_in_several_files_make_one_bill():
    half = len(TRADES) // 2
    packed = files.packed([
        ("1.csv", files.alipay_trade(TRADES[:half])),
        ("2.csv", files.alipay_trade(TRADES[half:])),
        ("汇总.csv", [files.alipay_stores(TRADES)]),
    ])  # fmt: skip
    rows, bill = read(packed.getvalue())
    assert [row.ref for row in rows] == [row.ref for row in TRADES]
    assert bill.told.totals["count"] + bill.told.totals["refunds"] == len(TRADES)


def test_the_same_content_has_one_digest_packed_or_not():
    digest = read(WECHAT)[1].told.digest
    assert digest == read(gzip.compress(WECHAT))[1].told.digest
    assert digest == read(zipped(a=WECHAT))[1].told.digest
    assert digest != read(WECHAT + b"\r\n")[1].told.digest


def test_the_rows_of_a_bill_are_read_once_and_the_bill_known_afterwards():
    reading = detect.read(io.BytesIO(WECHAT))
    with pytest.raises(RuntimeError):
        _bill = reading.bill
    assert len(list(reading)) == len(TRADES) and reading.bill.summary.rows == len(TRADES)
    with pytest.raises(RuntimeError):
        list(reading)


# -- packed -------------------------------------------------------------------------------------


def test_damaged_archives_are_refused():
    packed = gzip.compress(WECHAT)
    assert refused(packed[:-20]).reason is Reason.UNREADABLE
    assert refused(packed[:12] + b"xxxx" + packed[16:]).reason is Reason.UNREADABLE
    broken = bytearray(zipped(a=WECHAT))
    broken[60:64] = b"xxxx"
    assert refused(bytes(broken)).reason is Reason.UNREADABLE


def test_an_encrypted_archive_is_refused():
    data = bytearray(zipped(a=WECHAT))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert refused(bytes(data)).reason is Reason.ENCRYPTED


def test_an_archive_with_too_many_files_is_refused():
    entries = {str(n): b"x" for n in range(source.MAX_PARTS + 1)}
    assert refused(zipped(**entries)).reason is Reason.TOO_LARGE


@pytest.mark.parametrize("pack", [gzip.compress, lambda data: zipped(a=data)])
def test_what_unpacks_without_end_is_refused_in_little_memory(monkeypatch, pack):
    monkeypatch.setattr(source, "MAX_BYTES", 4 * 1024 * 1024)
    head, line = WECHAT.split(b"\r\n")[:2]
    bomb = pack(head + b"\r\n" + (line + b"\r\n") * 1 + b"x" * 64 * 1024 * 1024)
    assert len(bomb) < 100_000
    tracemalloc.start()
    try:
        error = refused(bomb)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert error.reason in (Reason.LINE_TOO_LONG, Reason.TOO_LARGE)
    assert peak < 3 * 1024 * 1024


def test_size_is_counted_as_it_is_unpacked(monkeypatch):
    monkeypatch.setattr(source, "MAX_BYTES", len(WECHAT) - 1)
    for data in (WECHAT, gzip.compress(WECHAT), zipped(a=WECHAT)):
        assert refused(data).reason is Reason.TOO_LARGE
    monkeypatch.setattr(source, "MAX_BYTES", len(WECHAT))
    assert read(WECHAT)


def test_workbooks_are_limited(monkeypatch):
    data = files.xls(files.abchina(TRADES))
    monkeypatch.setattr(table, "MAX_WORKBOOK", len(data) - 1)
    assert refused(data).reason is Reason.TOO_LARGE


def test_long_lines_and_many_columns_are_refused():
    lines = WECHAT.split(b"\r\n")
    long = b"\r\n".join([lines[0], lines[1] + b"x" * source.MAX_LINE, *lines[2:]])
    assert (refused(long).reason, refused(long).line) == (Reason.LINE_TOO_LONG, 2)
    wide = lines[0] + b",x" * source.MAX_COLUMNS
    assert refused(b"\r\n".join([wide, *lines[1:]])).reason is Reason.TOO_MANY_COLUMNS
    slips = b"".join(files.pos(TRADES)).split(b"\r\n")
    slips[2] += b"," * source.MAX_COLUMNS
    error = refused(b"\r\n".join(slips))
    assert (error.reason, error.line) == (Reason.TOO_MANY_COLUMNS, 3)


# -- lines --------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 100_000])
def test_lines_are_the_same_in_blocks_of_any_size(monkeypatch, size):
    monkeypatch.setattr(source, "BLOCK", size)
    text = "日期,a\r\n\r\n茶,叶\nlast 茶"
    for encoding in ("utf-8", "utf-8-sig", "gb18030"):
        data = text.encode(encoding)
        if size < 3 and encoding == "utf-8-sig":
            continue
        content = Content(Part("", lambda data=data: io.BytesIO(data)))
        assert list(content.lines()) == ["日期,a", "", "茶,叶", "last 茶"]
    assert len(read(WECHAT)[0]) == len(TRADES) if size > 2 else True


def test_the_first_letter_beyond_ascii_tells_the_charset():
    data = b"a,b\r\n" * 30_000 + "茶叶".encode("gb18030") + b"\r\n"
    lines = list(Content(Part("", lambda: io.BytesIO(data))).lines())
    assert lines[-1] == "茶叶" and len(lines) == 30_001
    assert (charset("茶叶".encode()), charset("茶叶".encode("gbk"))) == ("utf-8", "gb18030")


# -- running balances ---------------------------------------------------------------------------


def chained(*moves):
    chain = Chain()
    for line, (amount, balance, *day) in enumerate(moves, 1):
        chain.add(line, datetime(2026, 11, *(day or [1])), amount, balance)
    return chain.opening, chain.closing


def test_balances_chain_in_either_order():
    assert chained() == (None, None)
    assert chained((5, 105)) == (100, 105)
    assert chained((5, 105), (-20, 85), (1, 86)) == (100, 86)
    assert chained((1, 86), (-20, 85), (5, 105)) == (100, 86)
    assert chained((-5, 0), (5, 5)) == (5, 5)  # both explain it: then by the times
    assert chained((-5, 0, 2), (5, 5, 1)) == (0, 0)


@pytest.mark.parametrize(
    "moves",
    [[(5, 105), (-20, 86)], [(5, 105), (-20, 85), (5, 105)], [(1, 86), (-20, 85), (6, 106)]],
)
def test_a_balance_that_nothing_explains_is_refused_at_its_line(moves):
    with pytest.raises(Refused) as caught:
        chained(*moves)
    assert (caught.value.reason, caught.value.line) == (Reason.BALANCE, len(moves))


# -- memory -------------------------------------------------------------------------------------

LARGE = {
    "wechat all": files.wechat,
    "wechat funds": files.wechat_funds,
    "alipay trade": files.alipay_trade,
    "alipay account": files.alipay_account,
    "unionpay": files.unionpay,
    "pos": files.pos,
    "abchina": lambda rows: [files.abchina_csv(files.abchina(rows))],
    "douyin funds": files.douyin_funds,
    "camt": files.camt,
    "mt940": lambda rows: files.mt940(rows, statement=50),
}


def peak_of(path):
    """Bytes at most held while all rows are read, and the number of rows."""
    with path.open("rb") as file:
        tracemalloc.start()
        try:
            rows = sum(1 for _row in detect.read(file, Given(day=DAY)))
            return tracemalloc.get_traced_memory()[1], rows
        finally:
            tracemalloc.stop()


@pytest.mark.parametrize("name", LARGE)
def test_memory_does_not_grow_with_the_file(tmp_path, name):
    """Rows held would be more than a kilobyte each."""
    peaks = []
    for number in (3000, 12_000):
        path = tmp_path / str(number)
        with path.open("wb") as file:
            for piece in LARGE[name](files.trades(1, number)):
                file.write(piece)
        peak, rows = peak_of(path)
        assert rows >= number
        peaks.append(peak)
    assert peaks[1] < 6 * 1024 * 1024
    assert peaks[1] - peaks[0] < 9000 * 200


@pytest.mark.slow
def test_fifty_thousand_rows_in_a_few_megabytes(tmp_path):
    path = tmp_path / "bill.zip"
    with path.open("wb") as file:
        files.packed([("a.csv", files.wechat(files.trades(1, 50_000)))], file)
    peak, rows = peak_of(path)
    assert rows == 50_000 and peak < 6 * 1024 * 1024
