"""The platform simulator in this process, for stories that need to look into its books."""

import os

import pytest
from simulators.douyin import DouyinSimulator

DATA_KEY = "story-data-key-0123456789abcdef-0123456789abcdef"


@pytest.fixture(scope="module")
def simulator(odoo_env, tmp_path_factory):
    """A simulated Doudian shop with books of its own; its credentials are the demo shop's."""
    with DouyinSimulator(db=tmp_path_factory.mktemp("simulator") / "books.db") as simulated:
        secrets = simulated.credentials()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("QUDAO_SHOP_DEMO_APP_KEY", secrets["key"])
            patch.setenv("QUDAO_SHOP_DEMO_APP_SECRET", secrets["secret"])
            patch.setenv("QUDAO_SIM_SHOP_ID", str(secrets["shop_id"]))
            if not os.environ.get("QUDAO_DATA_KEY"):
                patch.setenv("QUDAO_DATA_KEY", DATA_KEY)
            # the rate limit is tested with the client; here it would only make 1,700 calls wait
            from odoo.addons.channel_intake.core.platforms.douyin import client

            patch.setattr(client, "RATE", 1000)
            patch.setattr(client, "BURST", 1000)
            yield simulated
