"""What each method, test and procedure computes, in a sentence with its formula, and its source."""

from dataclasses import dataclass

from trialwright.messages import Message
from trialwright.protocol.analysis_plan import HypothesisTest, Method, Multiplicity


@dataclass(frozen=True, slots=True)
class MethodNote:
    """What is computed, and where it was published."""

    text: Message
    source: str


INTERACTION_NOTE = MethodNote(
    Message(
        "The effect at a level of the other factor less that at its first, or of ratios divided by "
        "it: the coefficient of the product of both factors in the model of least squares; with "
        "Welch's t a contrast of four means with Satterthwaite's degrees of freedom; otherwise "
        "from both effects d = e1 − e2 with limits d − √((e1 − l1)² + (u2 − e2)²) and "
        "d + √((u1 − e1)² + (e2 − l2)²), of logarithms for ratios. A p-value below 0.10 is "
        "pointed out; it chooses no analysis."
    ),
    "Zou and Donner 2008, Stat Med 27:1693; Newcombe 2001, Stat Med 20:2885; Kahan 2013, Stat Med "
    "32:4540; CONSORT extension for factorial trials: Kahan and others 2023, JAMA 330:2106",
)
METHOD_NOTES = {
    Method.MIETTINEN_NURMINEN: MethodNote(
        Message(
            "The interval holds every value v whose score statistic (p1 − p2 − v)/√V(v) is within "
            "the normal quantile, V(v) being the variance at the maximum likelihood under v, times "
            "N/(N − 1); for a ratio or odds ratio likewise."
        ),
        "Miettinen and Nurminen 1985, Stat Med 4:213",
    ),
    Method.NEWCOMBE: MethodNote(
        Message(
            "The limits of the two Wilson intervals are put together: the difference less "
            "√((p1 − l1)² + (u2 − p2)²), and plus √((u1 − p1)² + (p2 − l2)²)."
        ),
        "Newcombe 1998, Stat Med 17:873, method 10",
    ),
    Method.EXACT: MethodNote(
        Message(
            "The interval inverts two one-sided exact unconditional tests of the score statistic, "
            "each p-value being the largest over the nuisance proportion."
        ),
        "Chan and Zhang 1999, Biometrics 55:1202",
    ),
    Method.STRATIFIED_MIETTINEN_NURMINEN: MethodNote(
        Message(
            "The score statistic sums the strata's contrasts with weights n1 n2/(n1 + n2) and "
            "their restricted variances; the interval holds every value within the normal quantile."
        ),
        "Miettinen and Nurminen 1985, Stat Med 4:213",
    ),
    Method.MANTEL_HAENSZEL: MethodNote(
        Message(
            "Strata are combined with Mantel-Haenszel weights n1 n2/N; the p-value is that of "
            "Cochran, Mantel and Haenszel, without continuity correction."
        ),
        "Mantel and Haenszel 1959, J Natl Cancer Inst 22:719; Sato, Greenland and Robins 1989, "
        "Biometrics 45:1323",
    ),
    Method.EXACT_CONDITIONAL: MethodNote(
        Message(
            "Given the events of each stratum, those of the arm are a sum of noncentral "
            "hypergeometric counts, whose likelihood gives the odds ratio and its exact limits."
        ),
        "Mehta, Patel and Gray 1985, JASA 80:969",
    ),
    Method.T_TEST: MethodNote(
        Message(
            "The difference of the means, with standard error √(s1²/n1 + s2²/n2) and "
            "Satterthwaite's degrees of freedom."
        ),
        "Welch 1947, Biometrika 34:28",
    ),
    Method.ANCOVA: MethodNote(
        Message(
            "Least squares of the outcome on the arms and the covariates, all arms together: equal "
            "slopes and variances, Student's t on n − k degrees of freedom."
        ),
        "Snedecor and Cochran 1967, Statistical Methods, chapter 14",
    ),
    Method.DUNNETT: MethodNote(
        Message(
            "All arms against one control: simultaneous intervals and p-values from the joint t "
            "distribution of the comparisons, with one variance."
        ),
        "Dunnett 1955, JASA 50:1096",
    ),
    Method.WILCOXON: MethodNote(
        Message(
            "The shift is the median of all differences between participants of the two arms; its "
            "interval and p-value are those of the rank-sum test, exact where it can be counted."
        ),
        "Hodges and Lehmann 1963, Ann Math Stat 34:598",
    ),
    Method.MIXED_MODEL: MethodNote(
        Message(
            "All visits together: y = arm × visit + covariate × visit + e, with any covariance of "
            "e between visits, by restricted maximum likelihood; Kenward and Roger's standard "
            "error and degrees of freedom; the difference at the last visit is reported."
        ),
        "Mallinckrodt and others 2008, Drug Inf J 42:303; Kenward and Roger 1997, Biometrics "
        "53:983",
    ),
    Method.CLUSTER_ROBUST: MethodNote(
        Message(
            "Least squares of the outcome on the arm and the covariates, with a variance summed "
            "over clusters, times G/(G − 1) · (n − 1)/(n − k); Student's t on G − 1 degrees of "
            "freedom."
        ),
        "Liang and Zeger 1986, Biometrika 73:13",
    ),
    Method.CROSSOVER: MethodNote(
        Message(
            "Half the difference between the two sequences of the mean first less second period, "
            "by Student's t with one variance."
        ),
        "Hills and Armitage 1979, Br J Clin Pharmacol 8:7",
    ),
    Method.PLACEMENTS: MethodNote(
        Message(
            "w/(1 − w), with w = P(better) + P(equal)/2 over all pairs; the variance of w is that "
            "of its placements, the interval is normal on the scale of the logarithm."
        ),
        "Brunner, Vandemeulebroecke and Mütze 2021, Stat Med 40:3367",
    ),
    Method.POISSON: MethodNote(
        Message(
            "Given all events, those of the arm are binomial: the interval is Clopper and "
            "Pearson's, carried over to the ratio of rates."
        ),
        "Przyborowski and Wilenski 1940, Biometrika 31:313",
    ),
    Method.NEGATIVE_BINOMIAL: MethodNote(
        Message(
            "log E(count) = log(time watched) + arm + covariates, with variance m + m²/k, by "
            "maximum likelihood; Wald's interval on the scale of the logarithm."
        ),
        "Lawless 1987, Can J Stat 15:209",
    ),
    Method.COX: MethodNote(
        Message(
            "The hazard ratio maximises Cox's partial likelihood, ties by Efron's method; Wald's "
            "interval on the scale of the logarithm."
        ),
        "Cox 1972, JRSS B 34:187; Efron 1977, JASA 72:557",
    ),
    Method.KAPLAN_MEIER: MethodNote(
        Message(
            "Kaplan-Meier curves with Greenwood's variance: the difference of their heights at the "
            "horizon, or of the areas under them up to it."
        ),
        "Kaplan and Meier 1958, JASA 53:457; Royston and Parmar 2013, BMC Med Res Methodol 13:152",
    ),
}

TEST_NOTES = {
    HypothesisTest.FISHER: MethodNote(
        Message(
            "Given all responses, the p-value adds up the tables no likelier than the one observed."
        ),
        "Fisher 1935, JRSS 98:39",
    ),
    HypothesisTest.BOSCHLOO: MethodNote(
        Message(
            "Tables are ordered by Fisher's p-value; the p-value is the largest chance, over the "
            "common proportion, of a table as extreme."
        ),
        "Boschloo 1970, Statistica Neerlandica 24:1",
    ),
    HypothesisTest.BARNARD: MethodNote(
        Message(
            "Tables are ordered by the pooled z statistic; the p-value is the largest chance, over "
            "the common proportion, of a table as extreme."
        ),
        "Barnard 1947, Biometrika 34:123",
    ),
    HypothesisTest.PERMUTATION: MethodNote(
        Message(
            "The share of all ways to split the pooled values that part the means as far, counted "
            "exactly where it can be."
        ),
        "Streitberg and Röhmel 1986, Stat Software Newsletter 12:10",
    ),
    HypothesisTest.RERANDOMISATION: MethodNote(
        Message(
            "Lists are drawn anew from the allocation's own procedure, with its strata, blocks and "
            "run-in; the p-value is the share, plus one in each, that part the means as far."
        ),
        "Rosenberger and Lachin 2015, Randomization in Clinical Trials, chapter 6",
    ),
    HypothesisTest.LOGRANK: MethodNote(
        Message(
            "Events less those expected under equal hazards, summed over event times and strata, "
            "with the hypergeometric variance."
        ),
        "Mantel 1966, Cancer Chemother Rep 50:163",
    ),
}

PROCEDURE_NOTES = {
    Multiplicity.BONFERRONI: MethodNote(
        Message("Each p-value times their number."), "Bonferroni 1936"
    ),
    Multiplicity.HOLM: MethodNote(
        Message("The smallest p-value times their number, the next times one less, and so on."),
        "Holm 1979, Scand J Stat 6:65",
    ),
    Multiplicity.HOCHBERG: MethodNote(
        Message(
            "From the largest p-value down: each times its place, never above those before it."
        ),
        "Hochberg 1988, Biometrika 75:800",
    ),
    Multiplicity.FIXED_SEQUENCE: MethodNote(
        Message(
            "Arms are tested in their order, each at the full level, until one isn't rejected."
        ),
        "Maurer, Hothorn and Lehmacher 1995",
    ),
}
