"""Planted projects have the same names: what one loads is forgotten before the next."""

from tests.checks.conftest import _forgotten

__all__ = ["_forgotten"]
