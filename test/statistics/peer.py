"""Reads cases as JSON from standard input and writes what statsmodels and SciPy make of each."""

import json
import sys

from scipy.stats import chi2, norm
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint


def test_pair(only_a, only_b):
    exact = only_a + only_b < 25
    found = mcnemar([[0, only_a], [only_b, 0]], exact=exact, correction=True)
    return {"statistic": float(found.statistic), "p": float(found.pvalue)}


def wilson(count, total):
    low, high = proportion_confint(count, total, alpha=0.05, method="wilson")
    return {"low": float(low), "high": float(high)}


def mean_interval(values):
    mean = sum(values) / len(values)
    deviation = (sum((v - mean) ** 2 for v in values) / (len(values) - 1)) ** 0.5
    low, high = norm.interval(0.95, loc=mean, scale=deviation / len(values) ** 0.5)
    return {"low": float(low), "high": float(high)}


cases = json.load(sys.stdin)
json.dump(
    {
        "mcNemar": [test_pair(*pair) for pair in cases["mcNemar"]],
        "wilson": [wilson(*share) for share in cases["wilson"]],
        "holm": [multipletests(values, method="holm")[1].tolist() for values in cases["holm"]],
        "chiSquareTail": [float(chi2.sf(x, 1)) for x in cases["chiSquareTail"]],
        "meanInterval": [mean_interval(values) for values in cases["meanInterval"]],
    },
    sys.stdout,
)
