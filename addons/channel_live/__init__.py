from . import models
from .worker import announcer
