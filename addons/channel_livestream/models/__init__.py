from . import channel_talent
from . import channel_talent_account
from . import channel_talent_contract
from . import channel_talent_term
from . import channel_session
from . import channel_session_item
from . import channel_order
from . import channel_pool
