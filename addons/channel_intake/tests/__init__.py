from . import test_access
from . import test_import
from . import test_jobs
from . import test_manual
from . import test_outbox
from . import test_process
from . import test_pull
from . import test_receiver
