"""What only one format can do: years of UnionPay, entities in XML, the foot of a statement."""

import io
from dataclasses import replace
from datetime import date, datetime

import pytest
from channel_reconcile.core import detect
from channel_reconcile.core.bill import Given, Kind, Reason, Refused
from simulators import bill_files as files
from simulators.bill_files import DAY

PAY = files.Trade(
    "4200000000000000000000000001", "S1", datetime(2026, 11, 20, 9), 10_000, 0, 60_000
)
BACK = replace(PAY, refund_ref="5030000000000000000000000002", refund_own="R1", gross=5_000)
TRADES = [PAY, BACK]


def read(data, given=None):
    data = data if isinstance(data, bytes) else b"".join(data)
    reading = detect.read(io.BytesIO(data), given or Given(day=DAY))
    return list(reading), reading.bill


def refused(data, given=None):
    with pytest.raises(Refused) as caught:
        read(data, given)
    return caught.value


# -- UnionPay -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "at", "year"),
    [
        (date(2026, 11, 20), "1120225959", 2026), (date(2026, 11, 20), "1119230000", 2026),
        (date(2027, 1, 1), "1231230500", 2026), (date(2027, 1, 1), "0101120000", 2027),
        (date(2026, 12, 31), "1231000000", 2026), (date(2028, 3, 1), "0229120000", 2028),
        (date(2026, 3, 1), "0229120000", 2024), (date(2026, 11, 20), "1121000000", 2025),
    ],
)  # fmt: skip
def test_the_year_is_the_last_that_is_not_behind_the_day(day, at, year):
    data = b"".join(files.unionpay([PAY])).replace(b"1120090000", at.encode(), 1)
    [row], _bill = read(data, Given(day=day))
    assert f"{row.at:%Y%m%d%H%M%S}" == f"{year}{at}"


def test_the_day_is_given_or_in_the_name():
    data = b"".join(files.unionpay([PAY]))
    assert refused(data, Given()).reason is Reason.DAY
    assert refused(data, Given(name="INN26139988ZM_1")).reason is Reason.DAY
    assert read(data, Given(name="INN26112088ZM_103"))[0][0].at.year == 2026


def test_a_settled_amount_must_be_the_amount_less_the_fee():
    data = b"".join(files.unionpay(TRADES))
    error = refused(data.replace(b"C000000009940", b"C000000009941"))
    assert (error.reason, error.line) == (Reason.SUMS, 1)
    error = refused(data.replace(b"C000000009940", b"D000000009940"))
    assert (error.reason, error.line) == (Reason.DIRECTION, 1)
    other = data.replace(b"103100000000001", b"103100000000002", 1)
    assert (refused(other).reason, refused(other).line) == (Reason.ACCOUNT, 2)


def test_a_record_of_another_width_is_refused():
    lines = b"".join(files.unionpay(TRADES)).split(b"\r\n")
    assert refused(b"\r\n".join([lines[0], lines[1] + b" "])).line == 2
    assert refused(b"\r\n".join([lines[0], b"", lines[1]])).reason is Reason.COLUMNS
    shifted = lines[1][:46] + b"x" + lines[1][46:-1]
    assert refused(b"\r\n".join([lines[0], shifted])).reason is Reason.COLUMNS
    record = lines[1][:28] + b"00\n001" + lines[1][34:]
    assert refused(record).reason in (Reason.UNKNOWN, Reason.COLUMNS)


# -- POS ----------------------------------------------------------------------------------------


def test_a_fee_given_back_or_taken_again_with_a_return():
    text = b"".join(files.pos(TRADES)).decode("gb18030")
    rows, _bill = read(text.encode())
    assert [row.fee for row in rows] == [60_000, -60_000]
    again = text.replace(",49.40,", ",50.60,")  # settled: what was paid back and the fee
    assert again != text
    assert [row.fee for row in read(again.encode())[0]] == [60_000, 60_000]


def test_a_slip_without_a_reference_is_known_by_its_other_numbers():
    names = files.POS.split(",")
    lines = [line.split(",") for line in b"".join(files.pos([PAY])).decode("gb18030").split("\r\n")]
    keys = []
    for empty in ([], ["参考号"], ["参考号", "交易单号"]):
        cells = ["" if name in empty else cell for name, cell in zip(names, lines[1], strict=True)]
        rows, _bill = read("\r\n".join([files.POS, ",".join(cells)]).encode())
        keys.append(rows[0].key.split("/")[0])
    assert keys == [PAY.ref[-12:], PAY.ref, "T0000001-000123-000000"]


def test_a_file_without_personal_columns_is_read_too():
    names = [name for name in files.POS.split(",") if "持卡人" not in name]
    rows, _bill = read(files.pos(TRADES, order=",".join(names)))
    assert len(rows) == 2 and rows[0].party == "622200*********4567"


# -- Agricultural Bank of China -----------------------------------------------------------------


def test_totals_below_the_list_must_be_there():
    table = files.abchina(TRADES)
    for rows in (table[:-1], table[:-2]):
        assert refused(files.abchina_csv(rows)).reason is Reason.CUT
        assert refused(files.xls(rows)).reason is Reason.CUT


@pytest.mark.parametrize(
    "cell", ["收入总笔数: 2", "收入合计金额：100.01", "支出笔数3", "支出总金额 50.00元 1"]
)
def test_totals_that_can_be_recognised_are_compared(cell):
    table = files.abchina(TRADES)
    table[-1] = [cell]
    if cell.startswith("支出总金额"):
        assert read(files.abchina_csv(table))[1].told.totals["支出金额"] == 5000
        return
    error = refused(files.abchina_csv(table))
    assert (error.reason, error.line) == (Reason.SUMMARY, len(table))


def test_numbers_in_a_workbook_that_are_no_whole_fen_are_refused():
    table = files.abchina(TRADES)
    table[3][2] = "100.001"
    error = refused(files.xls(table, ("收入金额",)))
    assert (error.reason, error.line, error.column) == (Reason.AMOUNT, 4, "收入金额")


def test_an_id_that_became_a_number_is_refused():
    table = files.abchina(TRADES)
    table[3][16] = "12345678901234567890"
    error = refused(files.xls(table, ("交易日志号",)))
    assert (error.reason, error.line, error.value) == (Reason.ROUNDED, 4, "1.234568E+19")


def test_a_date_and_a_time_in_two_columns_or_one():
    table = files.abchina(TRADES, detailed=False)
    table[2] = ["交易日期", *table[2]]
    table[3:5] = [[row[0][:10], row[0][11:], *row[1:]] for row in table[3:5]]
    assert read(files.abchina_csv(table))[0][0].at == PAY.at
    table[2][1] = "时刻"
    assert read(files.abchina_csv(table))[0][0].at == datetime(2026, 11, 20)


def test_without_a_number_of_its_own_a_movement_is_known_by_what_it_is():
    rows, _bill = read(files.abchina_csv(files.abchina(TRADES, detailed=False)))
    assert rows[0].key == "20261120090000/10000/2010000/622848000000001"


# -- CAMT ---------------------------------------------------------------------------------------


def camt(**how):
    return b"".join(files.camt(TRADES, **how))


@pytest.mark.parametrize("version", ["053.001.02", "053.001.08", "053.001.13"])
def test_versions_differ_only_in_their_namespace(version):
    assert [row.amount for row in read(camt(version=version))[0]] == [10_000, -5_000]


def test_a_report_without_balances_is_read():
    data = camt().replace(b"BkToCstmrStmt", b"BkToCstmrAcctRpt").replace(b"Stmt>", b"Rpt>")
    start = data.index(b"<Bal>")
    data = data[:start] + data[data.index(b"\n", start) + 1 :]
    last = data.index(b"<Bal>")
    data = data[:last] + data[data.index(b"\n", last) + 1 :]
    rows, bill = read(data)
    assert len(rows) == 2 and bill.told.closing is None


@pytest.mark.parametrize(
    "doctype",
    ['<!DOCTYPE Document [<!ENTITY a "b">]>', '<!DOCTYPE Document SYSTEM "file:///etc/passwd">',
     '<!DOCTYPE Document [<!ENTITY a SYSTEM "file:///etc/passwd">]>'],
)  # fmt: skip
def test_a_document_type_is_refused(doctype):
    data = camt().replace(b"<Document", doctype.encode() + b"<Document", 1)
    data = data.replace("某客户".encode(), b"&a;", 1)
    assert refused(data).reason in (Reason.DOCTYPE, Reason.UNREADABLE)
    assert refused(camt().replace(b"<Document", doctype.encode() + b"<Document", 1)).reason == (
        Reason.DOCTYPE
    )


def test_entries_that_are_not_booked_do_not_count():
    entry = camt().split(b"\n")[5]
    pending = entry.replace(b"BOOK", b"PDNG").replace(b"B0000000000", b"B9")
    rows, _bill = read(camt().replace(entry, entry + b"\n" + pending))
    assert [row.status for row in rows] == ["BOOK", "PDNG", "BOOK"]
    booked = pending.replace(b"PDNG", b"BOOK")
    assert refused(camt().replace(entry, entry + b"\n" + booked)).reason is Reason.BALANCE


def test_a_statement_without_its_balance_is_cut():
    data = camt().replace(b"CLBD", b"INFO")
    assert refused(data).reason is Reason.CUT


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('Ccy="CNY">50.00', 'Ccy="USD">50.00', Reason.CURRENCY), ("50.00", "50.005", Reason.AMOUNT),
        ("<CdtDbtInd>DBIT", "<CdtDbtInd>X", Reason.WORD), ("BookgDt", "Other", Reason.TIME),
        ("T09:00:00<", "T99:00:00<", Reason.TIME), ("</Ntry>", "</Entry>", Reason.UNREADABLE),
    ],
)  # fmt: skip
def test_entries_that_cannot_be(old, new, reason):
    assert refused(camt().replace(old.encode(), new.encode())).reason is reason


def test_times_with_a_zone_become_chinas():
    data = camt().replace(b"2026-11-20T09:00:00", b"2026-11-20T23:00:00Z")
    assert read(data)[0][0].at == datetime(2026, 11, 21, 7)


def test_two_accounts_in_one_file_are_refused():
    data = camt()
    second = data[data.index(b"<Stmt>") : data.index(b"</BkToCstmrStmt>")]
    other = second.replace(b"6222000011112222", b"6222000011113333")
    end = b"</BkToCstmrStmt>"
    assert len(read(data.replace(end, second.replace(b">B0", b">C0") + end))[0]) == 4
    assert refused(data.replace(end, other + end)).reason is Reason.ACCOUNT


# -- MT940 --------------------------------------------------------------------------------------


def test_a_statement_that_is_named_like_a_file_is_still_a_statement(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    data = b"".join(files.mt940(TRADES))
    assert [row.amount for row in read(data)[0]] == [10_000, -5_000]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b":61:2611201120C100,00", b":61:2611201120C100,01", Reason.BALANCE),
        (b":62F:C261120CNY1050,00", b":62F:C261120CNY1050,01", Reason.BALANCE),
        (b":61:2611201120C", b":61:26X1201120C", Reason.COLUMNS),
        (b"C100,00", b"C100,001", Reason.AMOUNT),
        (b":62F:", b":99F:", Reason.CUT),
    ],
)
def test_statements_that_cannot_be(old, new, reason):
    data = b"".join(files.mt940(TRADES))
    assert old in data
    error = refused(data.replace(old, new, 1))
    assert error.reason in (reason, Reason.UNREADABLE)


def test_statements_of_two_accounts_are_refused():
    data = b"".join(files.mt940(TRADES))
    other = data.replace(b":25:6222000011112222", b":25:6222000011113333")
    assert refused(data + other).reason is Reason.ACCOUNT
    assert refused(data + data.replace(b"CNY", b"USD")).reason is Reason.CURRENCY


def test_a_reversal_of_a_credit_is_a_debit():
    data = b"".join(files.mt940(TRADES)).replace(b"D50,00", b"RC50,00")
    assert [row.amount for row in read(data)[0]] == [10_000, -5_000]


def test_ids_that_a_spreadsheet_has_rounded_are_refused():
    for write, ref in (
        (files.wechat, PAY.ref), (files.alipay_trade, PAY.ref), (files.pos, PAY.ref[-12:]),
        (files.wechat, PAY.own), (files.douyin_funds, PAY.own),
    ):  # fmt: skip
        data = b"".join(write([PAY])).replace(ref.encode(), b"4.2E+27")
        error = refused(data)
        assert (error.reason, error.value) == (Reason.ROUNDED, "4.2E+27")
    assert read(files.wechat([replace(PAY, own="SE+1")]))[0][0].own == "SE+1"


# -- WeChat Pay, Alipay -------------------------------------------------------------------------


def test_a_cancelled_payment_is_a_refund_that_says_so():
    data = b"".join(files.wechat(TRADES)).replace(b"`REFUND", b"`REVOKED")
    rows, _bill = read(data)
    assert (rows[1].kind, rows[1].extra["交易状态"]) == (Kind.REFUND, "REVOKED")


def test_texts_may_have_commas_quotes_and_escaped_line_ends():
    trade = replace(PAY, title='a, "b", 茶\\r\\n,c')
    [row], _bill = read(files.wechat([trade]))
    assert row.memo == trade.title
    for title in ('"特价"茶', '特"价', 'x"', "a,b", '"a,b"'):
        [row], _bill = read(files.alipay_trade([replace(PAY, title=title)]))
        assert row.memo == title
    plain = b"".join(files.alipay_trade([PAY])).replace(PAY.title.encode("gbk"), b'12" x')
    assert read(plain)[0][0].memo == '12" x'


def test_a_bill_of_a_day_without_trade_is_read():
    for made in (files.wechat([]), files.wechat_funds([]), files.alipay_trade([]),
                 files.alipay_account([])):  # fmt: skip
        rows, bill = read(made)
        assert (rows, bill.summary.rows, bill.summary.first) == ([], 0, None)
