"""Run in `odoo shell`: a Chinese company with CNY, both languages, Shanghai time."""

china = env.ref("base.cn")
yuan = env.ref("base.CNY")
yuan.active = True
company = env.company
company.partner_id.tz = "Asia/Shanghai"
if company.country_id != china:
    company.write({"country_id": china.id, "currency_id": yuan.id})
everyone = env["res.users"].with_context(active_test=False).search([])
everyone.write({"tz": "Asia/Shanghai", "lang": "en_US"})
env["ir.default"].set("res.partner", "tz", "Asia/Shanghai")
env["ir.default"].set("res.partner", "lang", "en_US")
if "account.account" in env:
    assert company.chart_template == "cn", f"chart of accounts is {company.chart_template}"
    assert company.currency_id == yuan
env.cr.commit()
