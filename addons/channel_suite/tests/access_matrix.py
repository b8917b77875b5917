"""Who may do what: model × role, the one place where it is declared.

``r`` read, ``w`` write, ``c`` create, ``d`` delete, ``-`` nothing. Rights are of the model; which
records a role sees is the business of record rules (``test_member_walls``, ``test_company_walls``).
"""

from .common import ROLES

TABLE = """
model                             finance  warehouse  rep   manager  operator  integration  admin  member  employee  portal  public
channel.aftersale                 r        r          r     r        r         r            r      r       -         -       -
channel.aftersale.answer          r        r          r     r        r         r            r      -       -         -       -
channel.aftersale.decide          -        -          -     rwcd     rwcd      -            rwcd   -       -         -       -
channel.alarm                     r        r          -     rw       rw        r            rw     -       -         -       -
channel.alarm.ignore              -        -          -     rwcd     rwcd      -            rwcd   -       -         -       -
channel.alarm.rule                -        -          -     rw       r         -            rwcd   -       -         -       -
channel.alarm.tally               -        -          -     -        -         -            r      -       -         -       -
channel.alarm.watch               -        -          -     -        -         -            r      -       -         -       -
channel.assortment                r        -          r     rwcd     r         r            rwcd   r       -         -       -
channel.assortment.line           r        -          r     rwcd     r         r            rwcd   r       -         -       -
channel.blocklist                 -        r          -     rwcd     rwc       r            rwcd   -       -         -       -
channel.brand                     r        r          r     rwc      r         r            rwcd   -       r         -       -
channel.carrier.service           -        r          -     r        r         rwcd         rwcd   -       -         -       -
channel.contract                  r        -          rwc   rwcd     -         -            rwcd   r       -         -       -
channel.control                   r        -          -     r        r         r            r      -       -         -       -
channel.control.finding           r        -          -     r        r         r            r      -       -         -       -
channel.control.run               r        -          -     r        r         r            r      -       -         -       -
channel.dealer.return             r        r          rwcd  rwcd     -         -            rwcd   r       -         -       -
channel.dealer.return.count       -        rwcd       -     -        -         -            rwcd   -       -         -       -
channel.dealer.return.count.line  -        rwcd       -     -        -         -            rwcd   -       -         -       -
channel.dealer.return.decide      -        -          -     rwcd     -         -            rwcd   -       -         -       -
channel.dealer.return.line        r        r          rwcd  rwcd     -         -            rwcd   r       -         -       -
channel.defect.decide             -        rwcd       -     -        -         -            rwcd   -       -         -       -
channel.defect.decide.line        -        rwcd       -     -        -         -            rwcd   -       -         -       -
channel.deposit.account           rcd      -          r     r        -         -            rcd    r       -         -       -
channel.deposit.bonus.rule        r        -          -     rwcd     -         -            rwcd   -       -         -       -
channel.deposit.confirmation      r        -          r     r        -         -            r      r       -         -       -
channel.deposit.entry             r        -          r     r        -         -            r      r       -         -       -
channel.deposit.hold              r        -          r     r        -         -            r      r       -         -       -
channel.deposit.posting           r        -          -     -        -         -            r      -       -         -       -
channel.deposit.refuse            rwcd     -          -     -        -         -            rwcd   -       -         -       -
channel.deposit.request           rwcd     -          -     r        -         -            rwcd   -       -         -       -
channel.deposit.statement         rwcd     -          rwcd  rwcd     -         -            rwcd   -       -         -       -
channel.deposit.tie.out           r        -          -     -        -         -            r      -       -         -       -
channel.deposit.tie.out.day       rwcd     -          -     -        -         -            rwcd   -       -         -       -
channel.deposit.voucher           rwcd     -          -     -        -         -            rwcd   -       -         -       -
channel.exception                 r        r          r     r        r         r            r      -       -         -       -
channel.exception.decide          -        -          -     rwcd     rwcd      rwcd         rwcd   -       -         -       -
channel.fulfiller                 r        r          r     rwc      r         r            rwcd   -       -         -       -
channel.fulfiller.load            -        r          -     r        r         -            r      -       -         -       -
channel.intercept                 r        r          -     r        r         r            r      -       -         -       -
channel.intercept.close           -        rwcd       -     rwcd     rwcd      -            rwcd   -       -         -       -
channel.link                      r        r          r     rwcd     rwcd      rwcd         rwcd   -       -         -       -
channel.link.component            r        r          r     rwcd     rwcd      rwcd         rwcd   -       -         -       -
channel.live.sample               -        -          -     -        -         -            r      -       -         -       -
channel.live.screen               -        -          -     -        -         -            r      -       -         -       -
channel.live.summary              -        -          -     -        -         -            r      -       -         -       -
channel.manifest                  r        rwcd       -     r        -         -            rwcd   -       -         -       -
channel.member                    r        r          rwc   rwcd     r         r            rwcd   r       -         -       -
channel.member.grade              r        r          r     rwc      r         r            rwcd   -       -         -       -
channel.member.position           r        -          r     r        -         r            r      r       -         -       -
channel.member.suspend            -        -          -     rwcd     -         -            rwcd   -       -         -       -
channel.member.suspend.line       -        -          -     rwcd     -         -            rwcd   -       -         -       -
channel.message                   -        -          -     -        -         r            r      -       -         -       -
channel.message.todo              -        -          -     -        -         r            r      -       -         -       -
channel.order                     r        r          r     r        r         r            r      r       -         -       -
channel.order.credit              r        r          -     r        -         -            r      -       -         -       -
channel.order.credit.posting      r        -          -     -        -         -            r      -       -         -       -
channel.order.event               r        r          r     r        r         r            r      -       -         -       -
channel.order.file                -        -          rwcd  rwcd     -         -            rwcd   -       -         -       -
channel.order.file.error          -        -          rwcd  rwcd     -         -            rwcd   -       -         -       -
channel.order.import              -        -          -     rwcd     rwcd      rwcd         rwcd   -       -         -       -
channel.order.import.error        -        -          -     rwcd     rwcd      rwcd         rwcd   -       -         -       -
channel.order.import.preview      -        -          -     rwcd     rwcd      rwcd         rwcd   -       -         -       -
channel.order.line                r        r          r     r        r         r            r      r       -         -       -
channel.order.manual              -        -          -     rwcd     rwcd      rwcd         rwcd   -       -         -       -
channel.order.manual.line         -        -          -     rwcd     rwcd      rwcd         rwcd   -       -         -       -
channel.order.reassign            -        rwcd       -     rwcd     rwcd      -            rwcd   -       -         -       -
channel.order.remark              -        rwcd       -     rwcd     rwcd      -            rwcd   -       -         -       -
channel.outbox                    r        r          -     r        r         r            r      -       -         -       -
channel.parcel                    r        rwc        -     r        r         r            rwc    -       -         -       -
channel.parcel.trace              r        r          -     r        r         r            r      -       -         -       -
channel.payment                    rwcd    -          -     r        -         -            rwcd   -       -         -       -
channel.payment.merchant           r       -          -     -        -         rwcd         rwcd   -       -         -       -
channel.payment.receiver           rwcd    -          -     -        -         -            rwcd   -       -         -       -
channel.platform.settlement       r        -          -     r        -         -            r      -       -         -       -
channel.platform.settlement.difference  r  -          -     r        -         -            r      -       -         -       -
channel.platform.settlement.import  r      -          -     r        -         -            r      -       -         -       -
channel.platform.settlement.posting r      -          -     -        -         -            r      -       -         -       -
channel.platform.settlement.read  rwcd     -          -     -        -         -            rwcd   -       -         -       -
channel.platform.stock            -        -          -     -        r         r            r      -       -         -       -
channel.platform.stock.call       -        -          -     -        r         r            r      -       -         -       -
channel.platform.stock.todo       -        -          -     -        -         r            r      -       -         -       -
channel.pool                      r        r          r     rwcd     rwcd      r            rwcd   -       -         -       -
channel.pool.change               -        -          -     rwcd     rwcd      -            rwcd   -       -         -       -
channel.pool.hold                 -        -          -     rwcd     rwcd      -            rwcd   -       -         -       -
channel.pool.quota                r        r          r     r        r         r            r      -       -         -       -
channel.pool.tally                -        -          -     -        -         -            r      -       -         -       -
channel.price.band                r        -          r     rwcd     r         r            rwcd   -       -         -       -
channel.push                      -        -          -     -        -         r            r      -       -         -       -
channel.push.refusal              -        -          -     -        -         r            r      -       -         -       -
channel.push.todo                 -        -          -     -        -         r            r      -       -         -       -
channel.qualification             r        -          rwc   rwcd     -         -            rwcd   -       -         -       -
channel.rebate.use                -        -          rwcd  rwcd     -         -            rwcd   -       -         -       -
channel.receiver.show             -        rwcd       -     rwcd     -         -            rwcd   -       -         -       -
channel.replacement               r        rw         -     r        r         -            rw     -       -         -       -
channel.replacement.line          r        rw         -     r        r         -            rw     -       -         -       -
channel.replacement.send          -        rwcd       -     -        -         -            rwcd   -       -         -       -
channel.restock.level             -        -          rwcd  rwcd     -         -            rwcd   -       -         -       -
channel.return                    r        rw         -     r        -         -            rw     -       -         -       -
channel.return.accrual            r        -          -     r        -         -            r      -       -         -       -
channel.return.batch              r        rw         -     r        -         -            rw     -       -         -       -
channel.return.line               r        r          -     r        -         -            r      -       -         -       -
channel.return.match              -        rwcd       -     -        -         -            rwcd   -       -         -       -
channel.return.match.line         -        rwcd       -     -        -         -            rwcd   -       -         -       -
channel.return.policy             r        -          r     rwcd     -         -            rwcd   -       -         -       -
channel.return.reason             r        r          r     rwcd     -         -            rwcd   -       -         -       -
channel.return.tally              r        r          -     -        -         -            r      -       -         -       -
channel.review.decide             -        -          -     rwcd     -         -            rwcd   -       -         -       -
channel.review.decide.line        -        -          -     rwcd     -         -            rwcd   -       -         -       -
channel.review.decision           r        -          r     r        -         -            r      -       -         -       -
channel.review.rule               r        -          r     rwcd     -         -            rwcd   -       -         -       -
channel.session                   r        r          -     r        rwcd      r            rwcd   -       -         -       -
channel.session.close             -        -          -     -        rwcd      -            rwcd   -       -         -       -
channel.session.item              r        r          -     r        rwcd      r            rwcd   -       -         -       -
channel.session.tally             -        -          -     -        -         -            r      -       -         -       -
channel.shop                      r        r          r     r        r         rwc          rwc    r       -         -       -
channel.small.payment             rwcd     -          -     rwcd     rwcd      -            rwcd   -       -         -       -
channel.small.payment.paid        rwcd     -          -     rwcd     rwcd      -            rwcd   -       -         -       -
channel.small.payment.posting     r        -          -     -        -         -            r      -       -         -       -
channel.small.payment.reason      rwcd     -          -     rwcd     -         -            rwcd   -       -         -       -
channel.split.instruction          r       -          -     r        -         -            r      -       -         -       -
channel.split.part                 r       -          -     r        -         -            r      -       -         -       -
channel.split.return               r       -          -     r        -         -            r      -       -         -       -
channel.split.share                r       -          -     -        -         -            r      -       -         -       -
channel.talent                    rwc      r          -     rwc      r         -            rwcd   -       -         -       -
channel.talent.account            rwc      -          -     rwcd     r         -            rwcd   -       -         -       -
channel.talent.contract           rwcd     -          -     rwcd     r         -            rwcd   -       -         -       -
channel.talent.term               rwcd     -          -     rwcd     r         -            rwcd   -       -         -       -
channel.target                    r        -          r     rwcd     -         -            rwcd   -       -         -       -
channel.territory                 r        r          r     r        r         r            rwcd   r       r         -       -
channel.tracking                  r        r          -     r        r         r            r      -       -         -       -
channel.tracking.care             -        rwcd       -     rwcd     rwcd      -            rwcd   -       -         -       -
channel.tracking.record           -        rwcd       -     rwcd     rwcd      -            rwcd   -       -         -       -
channel.warehouse.lock            -        r          -     -        -         -            r      -       -         -       -
channel.wave                      r        rwc        -     r        r         r            rwc    -       -         -       -
channel.wave.build                -        rwcd       -     -        -         -            rwcd   -       -         -       -
channel.wave.build.line           -        rwcd       -     -        -         -            rwcd   -       -         -       -
channel.wave.rule                 r        rwcd       -     r        -         -            rwcd   -       -         -       -
channel.waybill.pool              -        rwcd       -     r        -         -            rwcd   -       -         -       -
reconcile.account                 rwc      -          -     r        -         -            rwcd   -       -         -       -
reconcile.bill                    r        -          -     -        -         -            r      -       -         -       -
reconcile.bill.progress           -        -          -     -        -         -            r      -       -         -       -
reconcile.bill.row                r        -          -     -        -         -            r      -       -         -       -
reconcile.day                     r        -          -     r        -         -            r      -       -         -       -
reconcile.difference              rw       -          -     r        -         -            rw     -       -         -       -
reconcile.layout                  rwcd     -          -     -        -         -            rwcd   -       -         -       -
reconcile.layout.column           rwcd     -          -     -        -         -            rwcd   -       -         -       -
reconcile.layout.word             rwcd     -          -     -        -         -            rwcd   -       -         -       -
reconcile.read.again              rwcd     -          -     -        -         -            rwcd   -       -         -       -
reconcile.upload                  rwcd     -          -     -        -         -            rwcd   -       -         -       -
settlement.dispute                r        -          -     r        -         -            r      -       -         -       -
settlement.dispute.answer         rwcd     -          -     -        -         -            rwcd   -       -         -       -
settlement.event                  r        -          -     r        -         -            r      -       -         -       -
settlement.fee                    rwcd     -          -     r        -         -            rwcd   -       -         -       -
settlement.invoice                rwcd     -          -     r        -         -            rwcd   -       -         -       -
settlement.payout                 rw       -          -     r        -         -            rw     -       -         -       -
settlement.payout.file            rw       -          -     -        -         -            rw     -       -         -       -
settlement.posting                r        -          -     -        -         -            r      -       -         -       -
settlement.reserve                r        -          -     -        -         -            r      -       -         -       -
settlement.rule                   rwcd     -          -     r        -         -            rwcd   -       -         -       -
settlement.scheme                 rwcd     -          -     r        -         -            rwcd   -       -         -       -
settlement.share                  r        -          -     r        -         -            r      -       -         -       -
settlement.statement              rwd      -          -     r        -         -            rwd    r       -         r       -
settlement.statement.line         r        -          -     r        -         -            r      -       -         -       -
settlement.statement.run          rwcd     -          -     -        -         -            rwcd   -       -         -       -
settlement.terms                  rwcd     -          -     r        -         -            rwcd   -       -         -       -
settlement.tier                   rwcd     -          -     r        -         -            rwcd   -       -         -       -
settlement.todo                   r        -          -     r        -         -            r      -       -         -       -
settlement.try                    rwcd     -          -     rwcd     -         -            rwcd   -       -         -       -
"""


def _parse(text):
    head, *rows = [line.split() for line in text.strip().splitlines()]
    assert head[1:] == list(ROLES), head
    return {
        row[0]: {
            role: "" if cell == "-" else cell for role, cell in zip(head[1:], row[1:], strict=True)
        }
        for row in rows
    }


MATRIX = _parse(TABLE)
