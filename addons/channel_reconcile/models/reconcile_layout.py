from odoo import Command, api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import plaintext2html

from ..core.bill import Kind, Refused
from ..core.mapping import Layout, Sign
from ..core.propose import propose
from ..core.source import parts
from ..core.values import written

SHOWN = 8  # rows of a sample


class ReconcileLayout(models.Model):
    """How to read a table that is in no format Qudao knows: which column is what."""

    _name = "reconcile.layout"
    _description = "Layout of a Bill"
    _order = "name"
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    sign = fields.Selection(
        [
            ("signed", "The amount's own sign: above 0 came"),
            ("reversed", "The amount's own sign: above 0 went"),
            ("columns", "One column for what came, one for what went"),
            ("direction", "A word in a column of its own"),
        ],
        "What Came and What Went",
        required=True,
        default="signed",
    )
    incoming = fields.Char("Words for What Came", default="收入,入账,贷")
    outgoing = fields.Char("Words for What Went", default="支出,出账,借")
    fee_sign = fields.Selection(
        [("1", "Above 0 was taken from us"), ("-1", "Below 0 was taken from us")],
        "Fees", required=True, default="1",
    )  # fmt: skip
    skip = fields.Integer("Rows Above the Header", default=0)
    foot = fields.Integer("Rows Below the List", default=0)
    is_ragged = fields.Boolean("Rows May End Early")
    time_format = fields.Char(help="Such as %d/%m/%Y %H:%M. Empty: what people usually write.")
    encoding = fields.Selection(
        [("utf-8", "UTF-8"), ("gb18030", "GBK"), ("big5", "Big5"), ("utf-16", "UTF-16")],
        help="Empty: what the file shows.",
    )
    delimiter = fields.Selection(
        [(",", "Comma"), (";", "Semicolon"), ("\t", "Tab"), ("|", "|")],
        help="Empty: what the first line has most of.",
    )
    column_ids = fields.One2many("reconcile.layout.column", "layout_id", "Columns", copy=True)
    word_ids = fields.One2many("reconcile.layout.word", "layout_id", "Kinds", copy=True)
    sample_id = fields.Many2one(
        "reconcile.bill", "Tried On", index="btree_not_null", copy=False, check_company=True
    )
    sample = fields.Html("What It Reads", compute="_compute_sample", sanitize=False)

    _skip_check = models.Constraint(
        "CHECK (skip BETWEEN 0 AND 1000 AND foot BETWEEN 0 AND 1000)",
        "Above the header and below the list there are 0 to 1000 rows.",
    )

    def _layout(self) -> Layout:
        """As the reader takes it."""
        self.ensure_one()
        columns: dict[str, list[str]] = {}
        for column in self.column_ids.filtered("field"):
            columns.setdefault(column.field, []).append(column.header)
        return Layout(
            columns={name: "+".join(headers) for name, headers in columns.items()},
            sign=Sign(self.sign),
            skip=self.skip,
            foot=self.foot,
            ragged=self.is_ragged,
            time_format=self.time_format or "",
            incoming=_words(self.incoming),
            outgoing=_words(self.outgoing),
            kinds={line.word: Kind(line.kind) for line in self.word_ids},
            fee_taken=int(self.fee_sign),
            encoding=self.encoding or "",
            delimiter=self.delimiter or "",
            form=f"mapped.{self.id}",
        )

    @api.model
    def _defaults_for(self, bill):
        """The context for a new layout that reads a bill, as far as it can be guessed."""
        with bill.sudo()._open() as file:
            found = parts(file, bill.name)
            guess = propose(found[0]) if len(found) == 1 else None
        values = {"default_name": bill.account_id.name or bill.name, "default_sample_id": bill.id}
        if guess:
            values["default_skip"] = guess.skip
            values["default_sign"] = guess.sign.value
            values["default_column_ids"] = [
                Command.create({"header": header, "sample": sample, "field": meaning or False})
                for header, sample, meaning in guess.columns
            ]
        return values

    @api.constrains("column_ids", "sign")
    def _check_columns(self):
        for layout in self:
            if problems := layout._layout().problems:
                raise ValidationError(layout._missing(problems))

    def _missing(self, problems) -> str:
        fields_named = self.env["reconcile.layout.column"]._labels(problems)
        return self.env._("Say which column of the file is: %(fields)s.", fields=fields_named)

    @api.depends("sample_id", "sign", "column_ids.field", "column_ids.header", "word_ids")
    @api.depends_context("lang")
    def _compute_sample(self):
        for layout in self:
            layout.sample = layout.sample_id and layout._read_sample()

    def _read_sample(self):
        """The first rows of the sample as this layout reads them, or what is wrong."""
        if problems := self._layout().problems:
            return plaintext2html(self._missing(problems))
        rows = []
        try:
            for row in self.sample_id.sudo()._sample(self):
                rows.append(row)
                if len(rows) == SHOWN:
                    break
        except Refused as error:
            return plaintext2html(self.sample_id._words(error))
        kinds = dict(
            self.env["reconcile.bill.row"]._fields["kind"]._description_selection(self.env)
        )
        shown = [
            {
                "line": row.line, "at": row.at, "kind": kinds[row.kind], "own": row.own,
                "ref": row.ref, "amount": written(row.amount), "fee": written(row.fee, 5),
                "balance": "" if row.balance is None else written(row.balance),
                "party": row.party, "memo": row.memo,
            }
            for row in rows
        ]  # fmt: skip
        return self.env["ir.qweb"]._render("channel_reconcile.layout_sample", {"rows": shown})

    def action_read_sample(self):
        """Read the file that this layout was made for, and open it."""
        self.ensure_one()
        bill = self.sample_id.sudo()
        bill.layout_id = self
        if bill.account_id and not bill.account_id.layout_id:
            bill.account_id.layout_id = self
        bill.action_read_again()
        return bill._open_form()


def _words(text) -> tuple[str, ...]:
    return tuple(
        filter(None, (word.strip() for word in (text or "").replace("，", ",").split(",")))
    )
