"""Forms about her body: who she is, her history, signs and laboratory values."""

from dataclasses import dataclass
from datetime import timedelta

from trialwright.demonstration.sheets import Sheet, Sitting, Typed, number, yes
from trialwright.protocol.values import Missing


def demographics(sitting: Sitting) -> Sheet:
    """Age and body."""
    woman = sitting.woman
    return Sheet(
        {
            "age": str(woman.age),
            "height": number(woman.height, 1),
            "weight": number(woman.weight, 1),
        }
    )


def history(sitting: Sitting) -> Sheet:
    """Pregnancies, the uterus, general health: of a woman who may take part."""
    draw = sitting.woman.stream("history")
    pregnancies = draw.choice((1, 1, 2, 2, 3, 4))
    adhesiolyses = draw.choice((1, 1, 1, 2, 2, 3))
    injured = sitting.woman.consented - timedelta(days=draw.randrange(400, 2600))
    exactly = draw.choice((4, 7, 7, 7, 10))
    nothing = dict.fromkeys(
        (
            "uterine_disease", "tuberculosis", "malignancy", "psychiatric", "thrombosis",
            "lung_disease", "oestrogen_contraindicated", "allergy",
        ),
        "no",
    )  # fmt: skip
    return Sheet(
        {
            "pregnancies": str(pregnancies),
            "births": str(draw.randrange(0, min(2, pregnancies))),
            "cause": draw.choice(("curettage",) * 7 + ("postpartum", "postpartum", "operation")),
            "injured_on": injured.isoformat()[:exactly],
            "menses_regular": "yes",
            "menses_normal": "yes",
            "wish": "yes",
            "adhesiolyses": str(adhesiolyses),
            "failed_adhesiolyses": str(draw.randint(1, adhesiolyses)),
            "heart_normal": "yes",
            "vein_access": "yes",
            **nothing,
        }
    )


def vital_signs(sitting: Sitting) -> Sheet:
    """Signs; after the operation a little fever and a quicker pulse."""
    draw = sitting.draw("vital_signs")
    after = {"day_0": 0.3, "day_1": 0.4}.get(sitting.visit, 0.0)
    systolic = sitting.woman.stream("pressure").gauss(114, 8) + draw.gauss(0, 4)
    typed = {
        "measured_at": f"{draw.randint(8, 11):02d}:{draw.randrange(0, 60, 5):02d}",
        "temperature": number(min(37.9, 36.5 + after + draw.gauss(0, 0.15)), 1),
        "pulse": number(min(105, max(56, 73 + 20 * after + draw.gauss(0, 6)))),
        "systolic": number(min(146, max(90, systolic))),
        "diastolic": number(min(92, max(54, systolic * 0.62 + draw.gauss(0, 3)))),
        "saturation": str(draw.choice((97, 98, 98, 99, 99, 100))),
    }
    if draw.random() < 0.02:
        return Sheet(
            {**typed, "pulse": "116"},
            {"pulse": "Came up the stairs; 88 after 10 minutes of rest"},
        )
    return Sheet(typed)


def blood_count(sitting: Sitting) -> Sheet:
    """Haemoglobin falls with the operation; leukocytes rise for a few days."""
    draw, own = sitting.draw("blood_count"), sitting.woman.stream("blood")
    haemoglobin, leukocytes, platelets = own.gauss(127, 7), own.gauss(6.2, 1), own.gauss(235, 40)
    loss, rise = {"day_1": (8, 3.1), "day_3": (7, 1.4), "day_7": (4, 0.5)}.get(
        sitting.visit, (0, 0)
    )
    typed = {
        "sampled_on": sitting.on.isoformat(),
        "haemoglobin": number(max(88, haemoglobin - loss + draw.gauss(0, 2))),
        "leukocytes": number(max(3.1, leukocytes + rise + draw.gauss(0, 0.5)), 1),
        "platelets": number(max(110, platelets - loss + draw.gauss(0, 10))),
    }
    if draw.random() < 0.02:
        return Sheet({**typed, "platelets": Missing("sample_lost")})
    return Sheet(typed)


def chemistry(sitting: Sitting) -> Sheet:
    """Coagulation, liver and kidney, within the limits of normal before the treatment."""
    draw, own = sitting.draw("chemistry"), sitting.woman.stream("chemistry")
    typed = {
        "sampled_on": sitting.on.isoformat(),
        "alt": number(min(38, max(8, own.gauss(18, 5) + draw.gauss(0, 3)))),
        "ast": number(min(34, max(13, own.gauss(20, 4) + draw.gauss(0, 2)))),
        "bilirubin": number(min(20, max(4, own.gauss(10, 2.5) + draw.gauss(0, 1))), 1),
        "creatinine": number(min(72, max(42, own.gauss(56, 6) + draw.gauss(0, 2)))),
        "inr": number(min(1.15, max(0.85, 0.98 + draw.gauss(0, 0.05))), 2),
        "fibrinogen": number(min(3.9, max(2.1, 2.8 + draw.gauss(0, 0.35))), 2),
    }
    if draw.random() < 0.4:
        typed["d_dimer"] = draw.choice(("<0.19", "0.22", "0.28", "0.31"))
    return Sheet(typed)


def virology(sitting: Sitting) -> Sheet:
    """The infection screen."""
    tests = dict.fromkeys(("hiv", "hbsag", "hcv", "syphilis"), "negative")
    return Sheet({"sampled_on": sitting.on.isoformat(), **tests})


def immunology(sitting: Sitting) -> Sheet:
    """RhD and antibodies; a few form anti-HLA antibodies later on."""
    had = sitting.woman.stream("anti_hla").random()
    positive = had < 0.05 or (had < 0.13 and sitting.visit in ("month_3", "month_12"))
    typed = {
        "sampled_on": sitting.on.isoformat(),
        "rhd": sitting.woman.rhd,
        "anti_hla": "positive" if positive else "negative",
        "anti_d": "negative",
    }
    if sitting.woman.rhd == "positive":
        del typed["anti_d"]
    return Sheet(typed)


def beta_hcg(sitting: Sitting) -> Sheet:
    """Negative, mostly under the limit of quantification; at admission, of the afternoon before."""
    draw = sitting.draw("beta_hcg")
    hour = 16 if sitting.visit == "admission" else 7
    return Sheet(
        {
            "sampled_on": sitting.on.isoformat(),
            "sampled_at": f"{hour:02d}:{draw.randrange(10, 60, 5):02d}",
            "hcg": draw.choice(("<1.2", "<1.2", "<1.2", "1.4", "1.9")),
        }
    )


def contact(sitting: Sitting) -> Sheet:
    """What she says on the telephone."""
    return Sheet(
        {
            "talked_on": sitting.on.isoformat(),
            "bled_since": yes(sitting.flow >= 0.5 and sitting.draw("contact").random() < 0.5),
            "new_problem": "no",
            "trying": yes(sitting.visit != "after_hormones"),
            "pregnant": "no",
        }
    )


@dataclass(frozen=True, slots=True)
class Failure:
    """A reason not to enter the trial: what one form says instead, and the criterion it fails."""

    criterion: str
    visit: str
    form: str
    typed: Typed
    why: str
    remark: tuple[str, str] = ("", "")


FAILURES = (
    Failure("afs_stage", "screening", "hysteroscopy",
            {"extent": "under_third", "adhesion_type": "filmy", "menses": "hypomenorrhoea",
             "esh_stage": "I"},
            "AFS total of 4: stage I"),
    Failure("infection", "screening", "virology", {"hbsag": "positive"},
            "Hepatitis B surface antigen positive"),
    Failure("organ_function", "screening", "chemistry", {"alt": "68", "ast": "47"},
            "ALT and AST over the limit of normal, twice"),
    Failure("thrombosis", "screening", "history", {"thrombosis": "yes"},
            "Deep vein thrombosis five years ago"),
    Failure("hcg", "admission", "beta_hcg", {"hcg": "212"},
            "Beta-hCG positive at admission: an early pregnancy",
            ("hcg", "Repeated on a second sample, 209 IU/L: pregnant")),
    Failure("adhesiolyses", "screening", "history",
            {"adhesiolyses": "4", "failed_adhesiolyses": "3"}, "Four earlier adhesiolyses"),
)  # fmt: skip
