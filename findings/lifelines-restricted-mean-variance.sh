#!/usr/bin/env bash
# lifelines 0.30.3 (PyPI): `restricted_mean_survival_time(model, t, return_variance=True)` returns, beside
# the right mean, the variance of one person's time cut at t, and not of the estimate. With 6 people
# below it is 6.25 where Greenwood's formula gives 1.09; with the same people a hundred times over it
# is 6.25 still, where the estimate's is 0.0109. The argument isn't among the documented parameters.
# Whoever takes it for a squared standard error reports intervals that no number of people narrows.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check lifelines==0.30.3
"$folder/venv/bin/python" - <<'PY'
from importlib.metadata import version

from lifelines import KaplanMeierFitter
from lifelines.utils import restricted_mean_survival_time

TIMES, EVENTS, UNTIL = [2, 4, 6, 8, 10, 12], [1, 0, 1, 1, 0, 1], 9


def by_greenwood(times, events, until):
    """The restricted mean and the variance of its estimate: Greenwood's sum of squared areas."""
    steps, survival, at_risk = [(0, 1.0)], 1.0, []
    for time in sorted(set(times)):
        risk = sum(each >= time for each in times)
        died = sum(each == time and event for each, event in zip(times, events))
        if died and time <= until:
            survival *= 1 - died / risk
            steps.append((time, survival))
            at_risk.append((time, risk, died))
    ends = [time for time, _ in steps[1:]] + [until]

    def area(start):
        return sum(s * max(0, end - max(time, start)) for (time, s), end in zip(steps, ends))

    return area(0), sum(area(t) ** 2 * d / (n * (n - d)) for t, n, d in at_risk)


print("lifelines", version("lifelines"))
for copies in (1, 100):
    times, events = TIMES * copies, EVENTS * copies
    model = KaplanMeierFitter().fit(times, events)
    mean, variance = restricted_mean_survival_time(model, t=UNTIL, return_variance=True)
    right, of_estimate = by_greenwood(times, events, UNTIL)
    print(f"{len(times)} people: mean {mean:.4f} ({right:.4f}), variance {variance:.4f}; of the "
          f"estimate {of_estimate:.4f}")
    assert abs(mean - right) < 1e-9
    assert abs(variance - 6.25) < 1e-6
    assert abs(of_estimate - 1.09375 / copies) < 1e-9
PY
echo "as found"
