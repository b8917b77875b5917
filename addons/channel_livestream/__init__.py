from . import models
from . import wizards


def uninstall_hook(env):
    """Orders outlive the addon: their sums go with its columns."""
    models.channel_session_tally.SUMS.uninstall(env.cr)
    models.channel_pool_tally.SUMS.uninstall(env.cr)
