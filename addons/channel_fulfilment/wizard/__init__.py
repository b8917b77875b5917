from . import channel_wave_build
