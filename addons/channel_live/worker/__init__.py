"""The announcer: a process beside the materialisers that sends the cockpits their figures."""
