"""Reading what the trial is: arms, products, endpoints, populations."""

from trialwright.protocol.factorial import TreatmentFactor
from trialwright.protocol.fields import Fields
from trialwright.protocol.model import (
    Arm,
    ArmType,
    Endpoint,
    EndpointKind,
    IntercurrentEvent,
    Population,
    Strategy,
)
from trialwright.protocol.products import Product
from trialwright.protocol.read_analysis import read_analysis
from trialwright.protocol.read_factorial import read_levels_of_arm
from trialwright.protocol.shapes import (
    AMENDMENT,
    ARM,
    ENDPOINT,
    INTERCURRENT_EVENT,
    POPULATION,
    Shape,
)
from trialwright.protocol.typecheck import suggestion
from trialwright.protocol.versions import Amended, Moves


def read_arms(
    root: Fields,
    products: tuple[Product, ...],
    epochs: tuple[str, ...],
    factors: tuple[TreatmentFactor, ...],
) -> tuple[Arm, ...]:
    """The arms, numbered from 1 in the order written."""
    known = [product.key for product in products]
    arms = []
    for number, (key, fields) in enumerate(root.named("arms", ARM), start=1):
        names = fields.names("products")
        for name in names:
            if name.text not in known:
                message = f"`{name.text}` is not a product"
                way_out = suggestion(name.text, known)
                fields.reading.problem(name.line, message, way_out, "unknown-product")
        in_epochs = _in_epochs(fields, known, epochs)
        given = [product for each in in_epochs.values() for product in each]
        arms.append(
            Arm(
                key=key,
                number=number,
                label=fields.text("label"),
                description=fields.text("description"),
                type=fields.choice("type", ArmType) or ArmType.EXPERIMENTAL,
                products=tuple(name.text for name in names) or tuple(dict.fromkeys(given)),
                line=fields.line,
                in_epochs=in_epochs,
                levels=read_levels_of_arm(fields, factors),
            )
        )
    if not arms and root.has("arms"):
        message = "The protocol has no arms"
        root.reading.problem(root.line_of("arms"), message, "Add at least one.", "no-arms")
    return tuple(arms)


def read_amendment(root: Fields) -> Amended | None:
    """What an amended file says of itself."""
    fields = root.within("amendment", AMENDMENT)
    if fields is None:
        return None
    moves = fields.choice("moves", Moves) or Moves.RECONSENT
    return Amended(moves, fields.words("why") or "")


def _in_epochs(
    fields: Fields, products: list[str], epochs: tuple[str, ...]
) -> dict[str, tuple[str, ...]]:
    """What an arm gets in each epoch that it names."""
    inner = fields.within("in", Shape("what an arm gets in each epoch", (), epochs))
    if inner is None:
        return {}
    return {key: inner.words_among(key, products) for key in epochs if inner.has(key)}


def read_populations(root: Fields) -> tuple[Population, ...]:
    """The analysis populations; `who` not yet typed."""
    return tuple(
        Population(
            key,
            fields.text("label"),
            fields.text("definition"),
            fields.needed_expression("who"),
            fields.line,
        )
        for key, fields in root.named("populations", POPULATION)
    )


def read_endpoints(
    root: Fields,
    populations: tuple[Population, ...],
    visits: list[str],
    arms: tuple[Arm, ...],
    factors: tuple[TreatmentFactor, ...],
) -> tuple[Endpoint, ...]:
    """The endpoints; variables and covariates not yet typed."""
    endpoints = tuple(
        _endpoint(key, fields, [each.key for each in populations], visits, arms, factors)
        for key, fields in root.named("endpoints", ENDPOINT)
    )
    if endpoints and not any(each.kind is EndpointKind.PRIMARY for each in endpoints):
        message = "No endpoint is primary"
        line = root.line_of("endpoints")
        root.reading.problem(line, message, "Give one `kind: primary`.", "no-primary-endpoint")
    return endpoints


def _endpoint(
    key: str,
    fields: Fields,
    populations: list[str],
    visits: list[str],
    arms: tuple[Arm, ...],
    factors: tuple[TreatmentFactor, ...],
) -> Endpoint:
    return Endpoint(
        key=key,
        label=fields.text("label"),
        kind=fields.choice("kind", EndpointKind) or EndpointKind.EXPLORATORY,
        population=_known(fields, "population", populations, "unknown-population"),
        treatments=fields.text("treatments"),
        variable=fields.needed_expression("variable"),
        definition=fields.text("definition"),
        at=_known(fields, "at", visits, "unknown-visit"),
        intercurrent_events=tuple(
            IntercurrentEvent(
                name,
                event.text("label"),
                event.choice("strategy", Strategy) or Strategy.TREATMENT_POLICY,
                event.optional_text("detail"),
            )
            for name, event in fields.named("intercurrent_events", INTERCURRENT_EVENT)
        ),
        summary=fields.text("summary"),
        line=fields.line,
        more_is_better=fields.optional_truth("more_is_better"),
        analysis=read_analysis(fields, arms, factors),
    )


def _known(fields: Fields, key: str, known: list[str], rule: str) -> str:
    word = fields.words(key) or ""
    if word and word not in known:
        message = f"`{word}` is not a {key if key != 'at' else 'visit'} of this protocol"
        fields.reading.problem(fields.line_of(key), message, suggestion(word, known), rule)
    return word
