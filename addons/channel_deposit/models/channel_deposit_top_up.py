from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.channel_network.core.money import to_fen

from ..core.decide import decide
from ..core.ledger import Refusal
from ..core.operations import Open, TopUp


class ChannelDepositTopUp(models.Model):
    """Money that comes in: the one seam for vouchers, bank receipts and online payments."""

    _inherit = "channel.deposit.account"

    @api.private
    def top_up(self, amount, key, source, day=None):
        """Book money that has come in, with the bonus that it earns, all or nothing.

        The caller answers for the rights. A key that was booked before answers with its entries,
        also when the bonus rules have changed since.

        :param amount: yuan with at most two decimals
        :param key: names the money for ever: ``voucher,12``
        :param source: the document behind it: ``channel.deposit.voucher,12``
        :param day: date of the payment, which decides on the bonus; None: today
        :return: channel.deposit.entry, those of the money and of its bonus
        :raise UserError: in words, why it cannot be booked
        """
        self.ensure_one()
        money = TopUp(key=key, account=self.id, amount=self._fen(amount), source=source)
        keys = [key, self._bonus_key(key)]
        bonus = ()
        if not self._entries_of([key]):
            bonus = self._bonus(money, day or fields.Date.context_today(self))
        self._book_or_raise([money, *bonus])
        return self._entries_of(keys)

    @api.model
    def _bonus_key(self, key):
        return f"{key},bonus"

    def _bonus(self, money, day):
        """The operations by which a top-up's bonus reaches the rebate account."""
        found = self.env["channel.deposit.bonus.rule"]._best(self, money.amount, day)
        if found is None:
            return ()
        rule, fen, words = found
        rebate = self._ensure(self.sudo().member_id, "rebate")
        opening = (
            # as the review would open it, which may happen at the same time
            (
                Open(
                    key=f"open,{rebate.id}", account=rebate.id,
                    source=f"{self._name},{rebate.id}",
                ),
            )
            if rebate.sudo().state == "draft"
            else ()
        )  # fmt: skip
        return *opening, TopUp(
            key=self._bonus_key(money.key), account=rebate.id, amount=fen,
            source=money.source, note=words, lapses_at=rule._lapses_at(day),
        )  # fmt: skip

    @api.model
    def _entries_of(self, keys):
        """The entries of operations, by key."""
        return self.env["channel.deposit.entry"].sudo().search([("key", "in", keys)], order="id")

    @api.model
    def _fen(self, amount):
        """An amount of yuan as whole fen.

        :raise UserError: for what is no number, or has more than two decimals
        """
        try:
            return to_fen(amount)
        except ValueError as error:
            raise UserError(
                self.env._(
                    "%(amount)s is not an amount: enter yuan with two decimals at most.",
                    amount=amount,
                )
            ) from error

    @api.model
    def _refuse_impossible(self, batch):
        """Ask the ledger about a batch without booking it.

        :raise UserError: in words, why it would be refused as things stand
        """
        chain = (tuple(batch),)
        self.env.flush_all()
        books, _used = self._gather(chain)
        results = decide(self._with_done(books, chain), chain, self._clock()).results
        if refusals := [result for result in results if isinstance(result, Refusal)]:
            raise UserError(self._words(refusals))
