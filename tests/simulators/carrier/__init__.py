"""A carrier service that speaks Kuaidi100's query over real HTTP."""

from .simulator import CarrierSimulator

__all__ = ["CarrierSimulator"]
