"""The scratch databases of the simulated studies."""

from tests.integration.simulation.conftest import databases, simulated

__all__ = ["databases", "simulated"]
