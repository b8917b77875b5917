from . import batch, message, message_todo, shop
