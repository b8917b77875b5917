from . import core, fields, models, wizards


def post_init_hook(env):
    """Fill the territories with China's provinces and cities."""
    env["channel.territory"]._sync_from_regions()
