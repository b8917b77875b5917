from . import settlement_try
