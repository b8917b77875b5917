from odoo import models

from odoo.addons.channel_network.core.money import from_fen

from ..core.review import MILLI

SHOWN = 5  # lines named in a text; the others are counted


class ChannelReviewText(models.Model):
    """What a rule found, in words: what is wrong, by how much, and what to do."""

    _inherit = "channel.review.decision"

    def _words(self):
        """The words of one decision; empty when no rule failed."""
        self.ensure_one()
        facts = self.facts or {}
        if facts.get("ledger"):
            return facts["ledger"]
        found = facts.get("findings", [])
        words = [self._sentence(finding) for finding in found[:SHOWN]]
        if len(found) > SHOWN:
            words.append(self.env._("… and %s more lines.", len(found) - SHOWN))
        if facts.get("with"):
            words.append(self._together_words(facts["with"]))
        if self.verdict in ("held", "refused", "remark") and self.rule_id.text:
            words.append(self.rule_id.text)
        return "\n".join(words)

    def _sentence(self, finding):
        """One finding in words, before it the product it is about."""
        wanted, allowed, product, *group = finding
        show = str if self.kind == "frequency" else self._quantity
        if self.kind in ("overdue", "deposit", "amount", "price"):
            show = self._money
        case = "nothing" if allowed is None else "above" if wanted > allowed else ""
        allowed = allowed or 0
        sentence = self._template(case) % {
            "wanted": show(wanted),
            "allowed": show(allowed),
            "missing": show(abs(wanted - allowed)),
        }
        model, record = group or ("product.product", product)
        name = self.env[model].browse(record or ()).exists().display_name
        if not name:
            return sentence
        return self.env._("%(product)s: %(sentence)s", product=name, sentence=sentence)

    def _together_words(self, product_ids):
        """Which products stop only because they pass or fail together with others."""
        products = self.env["product.product"].browse(product_ids).exists()
        names = ", ".join(products[:SHOWN].mapped("display_name"))
        if len(products) > SHOWN:
            names += " …"
        return self.env._("Stops with it, by the rule: %(products)s.", products=names)

    def _money(self, fen):
        return f"{from_fen(fen):,.2f}"

    def _quantity(self, thousandths):
        return f"{thousandths / MILLI:g}"

    def _template(self, case):
        """The sentence of the decision's kind: the plain one, or that of a special case of it."""
        special = self._special_templates().get((self.kind, case))
        return special or {**self._order_templates(), **self._line_templates()}[self.kind]

    def _order_templates(self):
        return {
            "member": self.env._(
                "The member is not active: a sales manager has to activate it first."
            ),
            "contract": self.env._("The member has no contract in force today: renew it."),
            "overdue": self.env._(
                "%(wanted)s is overdue: it has to be paid before anything new is ordered."
            ),
            "deposit": self.env._(
                "%(wanted)s is needed, %(allowed)s is available, %(missing)s is missing: top up"
                " the goods account or lower the order."
            ),
            "frequency": self.env._(
                "This is order number %(wanted)s within the days of the rule; %(allowed)s are"
                " allowed."
            ),
        }

    def _line_templates(self):
        return {
            "assortment": self.env._(
                "not in the member's assortment today: take it off the order, or have it put into"
                " the assortment."
            ),
            "amount": self.env._(
                "%(wanted)s is below the least amount of %(allowed)s: %(missing)s is missing."
            ),
            "quantity": self.env._(
                "%(wanted)s ordered, at least %(allowed)s needed: %(missing)s missing."
            ),
            "pack": self.env._(
                "%(wanted)s ordered is not a number of whole packs: order %(missing)s more to make"
                " it %(allowed)s."
            ),
            "price": self.env._(
                "The price of %(wanted)s is below the lowest of %(allowed)s by %(missing)s."
            ),
            "stock": self.env._("%(wanted)s ordered, %(allowed)s in stock: %(missing)s missing."),
        }

    def _special_templates(self):
        return {
            ("deposit", "nothing"): self.env._(
                "%(wanted)s is needed, but the member has no open goods account: have one opened"
                " and top it up."
            ),
            ("amount", "above"): self.env._(
                "%(wanted)s is above the greatest amount of %(allowed)s by %(missing)s."
            ),
            ("price", "above"): self.env._(
                "The price of %(wanted)s is above the highest of %(allowed)s by %(missing)s."
            ),
        }
