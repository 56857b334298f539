"""Every example in a docstring of the statistical rooms is run."""

import doctest
import pkgutil
from importlib import import_module

import pytest

import trialwright.analysis
import trialwright.design
import trialwright.messages
import trialwright.numerics

MODULES = [
    found.name
    for room in (
        trialwright.analysis,
        trialwright.design,
        trialwright.messages,
        trialwright.numerics,
    )
    for found in pkgutil.walk_packages(room.__path__, room.__name__ + ".")
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_come_out(name: str) -> None:
    assert doctest.testmod(import_module(name)).failed == 0
