def begin_tracking(env):
    """Parcels that left before this addon came are followed too."""
    env["channel.tracking"]._begin_all()
