from . import batch
from . import message
from . import message_todo
from . import shop
