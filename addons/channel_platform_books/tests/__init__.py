from . import test_access, test_books, test_due
