"""``python -m devkit.inside.i18n_update CONF DATABASE OUT ADDON…``

The merged files go to OUT, what is missing to the standard output.
"""

from __future__ import annotations

import sys
from pathlib import Path

import odoo.api
import odoo.tools
from odoo.modules.registry import Registry

from devkit.inside import translations
from devkit.paths import ADDONS, CONFIG


def main() -> None:
    config, database, out, *addons = sys.argv[1:]
    odoo.tools.config.parse_config(["-c", config, "--log-level=warn"])
    same = translations.same_in_chinese(CONFIG / "same-in-chinese.txt")
    from odoo import addons as packages

    of_odoo = translations.odoo_terms(Path(path) for path in packages.__path__)
    with Registry(database).cursor() as cr:
        env = odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {})
        for addon in addons:
            terms = translations.export(env, addon)
            path = ADDONS / addon / "i18n" / f"{translations.LANG}.po"
            merged = translations.merge(terms, path, of_odoo)
            merged.save(str(Path(out) / f"{addon}.po"))
            wrong = translations.untranslated(terms, merged, same)
            print(f"{addon}: {len(terms)} terms, {len(wrong)} to do")
            for term, problem in wrong:
                print(f"  {problem}: {term!r}")


if __name__ == "__main__":
    main()
