"""The process that tells platforms their stock; see ``channel_intake/worker``."""
