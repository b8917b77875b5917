from odoo import api, models

from ..core.bill import Reason, Refused


class ReconcileBill(models.Model):
    """Why a file is refused, in a clerk's words, and what to do about it."""

    _inherit = "reconcile.bill"

    @api.depends("refusal")
    @api.depends_context("lang")
    def _compute_trouble(self):
        for bill in self:
            told = bill.sudo().refusal
            bill.trouble = bill._words(Refused(**told)) if told else False
            bill.is_unknown = bool(told) and told["reason"] == Reason.UNKNOWN

    def _words(self, error: Refused) -> str:
        """What is wrong, where, and what to do."""
        what = self._reason_words(error)
        where = []
        if error.part and error.part != self.name:
            where.append(error.part)
        if error.line:
            where.append(self.env._("Line %s", error.line))
        if not where:
            return what
        return self.env._("%(where)s: %(what)s", where=", ".join(where), what=what)

    def _reason_words(self, error: Refused) -> str:
        column, value, expected = error.column, error.value, error.expected
        too_large = self.env._("It is larger than a bill may be. Export shorter periods.")
        texts = {
            Reason.UNKNOWN: self.env._(
                "Its columns are in no format that Qudao knows. Press Map Columns and say which"
                " column is what, or export the bill once more and do not change it."
            ),
            Reason.MIXED: self.env._(
                "The archive holds bills of several kinds. Upload its files one by one."
            ),
            Reason.TOO_LARGE: too_large,
            Reason.LINE_TOO_LONG: too_large,
            Reason.TOO_MANY_COLUMNS: too_large,
            Reason.UNREADABLE: self.env._("The file is damaged. Download it once more."),
            Reason.ENCRYPTED: self.env._(
                "The archive needs a password. Unpack it and upload what is in it."
            ),
            Reason.DOCTYPE: self.env._(
                "The file brings definitions of its own, as no bank's file does."
            ),
            Reason.CHARSET: self.env._(
                "The text is in another encoding than UTF-8 or GBK, or was changed. Export it"
                " once more and do not open it before."
            ),
            Reason.MISSING_COLUMN: self.env._("The column %s is missing.", column),
            Reason.DOUBLE_COLUMN: self.env._("The column %s stands twice.", column),
            Reason.COLUMNS: self.env._(
                "The row has %(found)s cells instead of %(wanted)s.",
                found=value,
                wanted=expected,
            ),
            Reason.TIME: self.env._("%(column)s is no time: %(value)s", column=column, value=value),
            Reason.AMOUNT: self.env._(
                "%(column)s is no amount: %(value)s", column=column, value=value
            ),
            Reason.NUMBER: self.env._(
                "%(column)s is no number: %(value)s", column=column, value=value
            ),
            Reason.WORD: self.env._(
                "%(column)s says what Qudao does not know: %(value)s. Tell who looks after"
                " Qudao: the channel has a new word.",
                column=column,
                value=value,
            ),
            Reason.DIRECTION: self.env._(
                "%(column)s contradicts what the row says of its direction: %(value)s",
                column=column,
                value=value,
            ),
            Reason.MISSING: self.env._("%s is empty, and names the row.", column),
            Reason.ROUNDED: self.env._(
                "A spreadsheet has rounded the number %s: its last digits are gone. Upload the"
                " file as it was exported.",
                value,
            ),
            Reason.ACCOUNT: self.env._("The row is of another account than those above: %s", value),
            Reason.CURRENCY: self.env._(
                "The row is in another currency than those above: %s", value
            ),
            Reason.PERIOD: self.env._(
                "The row lies outside of the days that the file is for: %s", value
            ),
            Reason.DAY: self.env._(
                "The file does not tell its year: read it again and enter its settlement day."
            ),
            Reason.SUMS: self.env._(
                "The amounts of the row do not add up: %(found)s instead of %(wanted)s.",
                found=value,
                wanted=expected,
            ),
            Reason.TWICE: self.env._("The movement %s stands twice.", value),
            Reason.SUMMARY: self.env._(
                "The file says %(column)s is %(told)s, but its rows come to %(found)s. It was"
                " changed or cut: download it once more.",
                column=column,
                told=value,
                found=expected,
            ),
            Reason.BALANCE: self.env._(
                "The balance %(told)s does not follow from the row before: it should be"
                " %(found)s. A row is missing or was changed.",
                told=value,
                found=expected,
            ),
            Reason.CUT: self.env._("The end of the file is missing. Download it once more."),
            Reason.AFTER_END: self.env._("Something stands behind the end of the bill: %s", value),
            Reason.CHANGED: self.env._(
                "The movement %(key)s is here already with another amount: %(told)s now,"
                " %(known)s before. Ask the channel which of them is right.",
                key=column,
                told=value,
                known=expected,
            ),
            Reason.SAME: self.env._(
                "It holds the same as %s, which was read before. Nothing was added.", value
            ),
            Reason.OTHER_ACCOUNT: self.env._(
                "The file is of the account %(told)s, not of %(chosen)s. Read it again and"
                " choose the right one.",
                told=value,
                chosen=expected,
            ),
            Reason.NO_ACCOUNT: self.env._(
                "No account has the number %s. Add one under Accounts, then read it again.", value
            )
            if value
            else self.env._("The file names no account: read it again and choose one."),
        }
        return texts[error.reason]
