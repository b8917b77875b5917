"""Every term a person can read is there in Chinese, in every addon."""

from __future__ import annotations

import polib
import pytest
from devkit.addons import all_addons
from devkit.paths import ADDONS, CONFIG


@pytest.mark.parametrize("addon", all_addons())
def test_every_term_is_in_chinese(odoo_env, addon):
    from devkit.inside import translations

    installed = odoo_env["ir.module.module"]._get(addon).state == "installed"
    if not installed:
        pytest.skip(f"{addon} is not in this database")
    path = ADDONS / addon / "i18n" / f"{translations.LANG}.po"
    known = polib.pofile(str(path)) if path.exists() else polib.POFile()
    terms = translations.export(odoo_env, addon)
    same = translations.same_in_chinese(CONFIG / "same-in-chinese.txt")
    wrong = translations.untranslated(terms, known, same)
    listed = "\n".join(f"  {problem}: {term!r}" for term, problem in wrong)
    assert not wrong, f"{addon}: {len(wrong)} of {len(terms)} (see scripts/i18n):\n{listed}"
