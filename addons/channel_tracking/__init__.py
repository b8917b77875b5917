from . import models, wizard
from .hooks import begin_tracking
