from . import channel_demo_story
from . import channel_demo_world
from . import channel_demo_dealers
from . import channel_demo_returns
from . import channel_demo_shop
from . import channel_demo_play
from . import channel_demo_aftersales
from . import channel_demo_afterwards
