"""The chance of success at the last look, seen from an interim one: conditional and predictive."""

from __future__ import annotations

from math import sqrt

from trialwright.design.checks import require_between, require_positive


def conditional_power(
    z: float, information: float, maximum: float, final_bound: float, theta: float
) -> float:
    """Chance that the last Z, at information `maximum`, reaches `final_bound`, given `z` at
    `information`, when the drift is theta (z/sqrt(information) is the current trend).

    1 - Phi((c sqrt(I_max) - z sqrt(I) - theta (I_max - I)) / sqrt(I_max - I)); closed form.
    Source: Lan and Wittes 1988, Biometrics 44:579.

    >>> round(conditional_power(1.0, 0.5, 1.0, 1.96, 1 / 0.5**0.5), 3)
    0.22
    """
    from scipy.special import ndtr

    rest = _remaining(z, information, maximum, final_bound)
    require_between("theta", theta, -1e6, 1e6)
    need = final_bound * sqrt(maximum) - z * sqrt(information) - theta * rest
    return float(ndtr(-need / sqrt(rest)))


def predictive_power(z: float, information: float, maximum: float, final_bound: float) -> float:
    """Conditional power averaged over the posterior of theta under a flat prior, which is
    Normal(z/sqrt(I), 1/I); closed form.

    Source: Spiegelhalter, Freedman and Blackburn 1986, Control Clin Trials 7:8.

    >>> round(predictive_power(1.0, 0.5, 1.0, 1.96), 3)
    0.293
    """
    from scipy.special import ndtr

    rest = _remaining(z, information, maximum, final_bound)
    need = final_bound * sqrt(maximum) - z * sqrt(information) * maximum / information
    return float(ndtr(-need / sqrt(rest * maximum / information)))


def _remaining(z: float, information: float, maximum: float, final_bound: float) -> float:
    """The information still to come, of numbers that can be."""
    for name, value in (("z", z), ("final_bound", final_bound)):
        require_between(name, value, -1e6, 1e6)
    require_positive("information", information)
    require_positive("maximum", maximum)
    require_positive("maximum - information", maximum - information)
    return maximum - information
