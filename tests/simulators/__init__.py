"""Simulators of the outside systems Qudao talks to: real HTTP, own books, no product code."""
