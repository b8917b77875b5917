import os

from odoo import models
from odoo.modules.module import get_module_path

# Debian's Odoo package leaves this library out (it is not built from source), yet mail's
# manifest names it: every build of the back-end bundle then logs an ERROR.
OPTIONAL_LIBRARY = "mail/static/lib/selfie_segmentation/selfie_segmentation.js"


class IrAsset(models.Model):
    _inherit = "ir.asset"

    def _get_paths(self, path_def, installed):
        """Leave out the video-blur library where the Odoo package does not ship it.

        Where the file exists nothing changes, and Discuss keeps its background blur.
        """
        if path_def.lstrip("/") == OPTIONAL_LIBRARY:
            addons = os.path.dirname(get_module_path("mail", display_warning=False) or "")
            if not os.path.exists(os.path.join(addons, OPTIONAL_LIBRARY)):
                return []
        return super()._get_paths(path_def, installed)
