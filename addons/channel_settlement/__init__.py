from . import models, wizards


def begin_settling(env):
    """Orders that left before the addon was installed wait for their split too."""
    env["settlement.todo"]._fill()
