"""Fixtures of the engine's tests."""

from tests.workflows.engine.six_parts import begin

__all__ = ["begin"]
