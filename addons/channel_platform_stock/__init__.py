from . import models
from .worker import teller
