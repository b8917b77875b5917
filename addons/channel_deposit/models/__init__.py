from . import channel_deposit_written
from . import channel_deposit_account
from . import channel_deposit_hold
from . import channel_deposit_entry
from . import channel_deposit_book
from . import channel_deposit_text
