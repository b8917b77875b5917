from . import test_announcer, test_live_figures, test_live_walls
