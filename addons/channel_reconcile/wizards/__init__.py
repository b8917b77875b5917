from . import reconcile_upload
from . import reconcile_read_again
