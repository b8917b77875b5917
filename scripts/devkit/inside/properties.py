"""pytest plugin: Hypothesis looks at what holds, not at how long it took; machines are noisy."""

from hypothesis import settings

settings.register_profile("qudao", deadline=None)
settings.load_profile("qudao")
