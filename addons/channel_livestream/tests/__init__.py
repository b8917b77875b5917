from . import test_cockpit, test_cockpit_screen, test_roles, test_session, test_talent
