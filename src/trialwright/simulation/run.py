"""One simulated study, from the signature of its protocol to its verified cut and its reports."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from hashlib import sha256

from django.utils import translation

from trialwright.accounts.policy import Act
from trialwright.analysis.cut import Cut, SealedPart
from trialwright.conduct.actions import cutting, studies
from trialwright.conduct.allocation.external_list import external_allocations
from trialwright.conduct.clock import installation_zone
from trialwright.conduct.cut import store as cut_store
from trialwright.ledger import files, keys, signing, sources
from trialwright.ledger.verify import verify
from trialwright.protocol.allocations import ENTRY
from trialwright.protocol.loader import parse_file
from trialwright.protocol.model import Protocol
from trialwright.report.html import render_html
from trialwright.report.trial import trial_report
from trialwright.simulation.answers import DrawnAnswer, answers_to, with_answers
from trialwright.simulation.as_demonstration import as_demonstration
from trialwright.simulation.containers import first_stock
from trialwright.simulation.coverage import Coverage, cover
from trialwright.simulation.life import Recruitment
from trialwright.simulation.needs import needed_items
from trialwright.simulation.people import Crew, Place, invented_places, make_crew
from trialwright.simulation.stage import Stage
from trialwright.simulation.streams import entropy_of

CUT = "simulated"
_BEFORE = timedelta(days=10)
_SETTLED = timedelta(days=7)
_YEARS_OF_ACCRUAL = 10
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Simulated:
    """What came of one simulated study.

    file_sha256: of the file as it was given. asked: how many were to enter.
    answers: what the file leaves open, as it was made up. cut_sha256: hash of the open cut. pooled,
    by_arm: the reports as HTML. problems: what the verification of the ledger found. coverage: what
    was reached, and what never was.
    """

    protocol: Protocol
    file_sha256: str
    asked: int
    seed: int
    answers: tuple[DrawnAnswer, ...]
    cut_sha256: str
    cut: bytes
    data: Cut
    sealed: SealedPart
    pooled: str
    by_arm: str
    rows: int
    problems: tuple[str, ...]
    coverage: Coverage

    @property
    def passed(self) -> bool:
        """Whether nothing of what must hold failed."""
        return not self.failures

    @property
    def failures(self) -> tuple[str, ...]:
        """What must hold and doesn't, a sentence each.

        The ledger verifies, what should be refused was, nothing else was, all who were asked for
        entered, and the cut and both reports were made. What was never reached is told, and is no
        failure: with few participants much isn't.
        """
        found = [f"The ledger doesn't verify: {each}" for each in self.problems]
        found += [
            f"Accepted, though it should be refused: {name}" for name in self.coverage.accepted
        ]
        found += [
            f"Refused {times} times, though a person would expect it to be taken: {action}: {words}"
            for action, words, times in self.coverage.refusals
        ]
        if self.coverage.enrolled < self.asked:
            found.append(f"{self.coverage.enrolled} of {self.asked} participants entered")
        if not (self.cut and self.pooled and self.by_arm):
            found.append("The data cut or a report was not made")
        return tuple(found)

    @property
    def report_sha256(self) -> str:
        """The hash of both reports."""
        return sha256((self.pooled + self.by_arm).encode()).hexdigest()


class _Clock:
    """The time in the simulated study, and the moments at which its entries are recorded: all
    after its end, a microsecond apart, as a study that was lived before it was written down."""

    def __init__(self, begin: datetime, recorded_from: datetime) -> None:
        self.stage: Stage | None = None
        self._begin, self._recorded = begin, recorded_from

    def now(self) -> datetime:
        return self._begin if self.stage is None else self.stage.now

    def recorded_at(self) -> datetime:
        self._recorded += _TICK
        return self._recorded


def simulate(source: bytes, file: str, *, participants: int, seed: int) -> Simulated:
    """Live a protocol with so many participants, on a database that has nothing of its study.

    The same file, number and seed give the same bytes of the cut and of the reports.

    Args:
        source: a protocol file, run as a demonstration; what a draft leaves open at its top level
            is made up.
        seed: decides everything that is drawn.

    Raises:
        ProtocolFileError: the file has errors.
    """
    given_sha256 = sha256(source).hexdigest()
    answers = answers_to(source, seed)
    source = as_demonstration(with_answers(source, answers))
    protocol = parse_file(source, file)
    years = protocol.simulation.years + _YEARS_OF_ACCRUAL
    begin = _begin_of(protocol)
    until = begin + timedelta(days=365 * years)
    wanted = min(participants, protocol.participants)
    clock = _Clock(begin, until)
    given = sources.Sources(entropy_of(seed, protocol.sha256), clock.now, clock.recorded_at)
    places = invented_places(protocol.simulation.sites)
    with _lived(_Life(source, file, wanted, seed, begin, until, places), clock, given) as stage:
        stage.now += timedelta(days=1)
        asked = _Asked(given_sha256, wanted, (*answers, *_invented_lists(protocol)))
        return _told(stage, asked, clock.recorded_at() + timedelta(days=1))


def _invented_lists(protocol: Protocol) -> tuple[DrawnAnswer, ...]:
    """The allocation lists that are drawn outside, which a simulation invents from its seed."""
    return tuple(
        DrawnAnswer("allocation list" if each.key == ENTRY else f"allocation list of {each.key}",
                    "Permuted blocks of twice the ratio, from the seed: assumed.")
        for each in external_allocations(protocol)
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Life:
    """What is lived: a file, its number of participants, from when until when, at which sites.

    called: stands before the names of the invented people, where others may have these names.
    """

    source: bytes
    file: str
    participants: int
    seed: int
    begin: datetime
    until: datetime
    places: tuple[Place, ...]
    called: str = ""


def live_here(source: bytes, file: str, *, participants: int, seed: int, until: datetime) -> None:
    """Live a demonstration's protocol in this installation's own database, from the file's date on.

    Salts and the moments of recording are the installation's own, and what is done is committed
    some dozens of steps at a time: a life that is broken off leaves the study as far as it came.

    Args:
        until: nothing happens after it; who is still in the study then stays in it.

    Raises:
        ProtocolFileError: the file has errors.
        ActionRefused: it is no demonstration.
    """
    protocol = parse_file(source, file)
    places = invented_places(protocol.simulation.sites)
    _live(_Life(source, file, participants, seed, _begin_of(protocol), until, places))


def live_up_to(
    source: bytes, file: str, *, participants: int, places: Sequence[Place], until: datetime
) -> None:
    """Live a demonstration's protocol in this installation up to a moment, at sites of it own.

    It begins so long before that the last of the participants have just entered, on average.

    Raises:
        ProtocolFileError: the file has errors.
        ActionRefused: it is no demonstration.
    """
    protocol = parse_file(source, file)
    begin = until - _BEFORE - _SETTLED - participants * _accrual(protocol)
    seed = int.from_bytes(secrets.token_bytes(4))
    called = protocol.identifier[-6:].lower()
    _live(_Life(source, file, participants, seed, begin, until, tuple(places), called))


def _accrual(protocol: Protocol) -> timedelta:
    return timedelta(days=protocol.simulation.accrual_days)


def _live(lived: _Life) -> None:
    clock = _Clock(lived.begin, lived.until)
    given = sources.Sources(secrets.token_bytes, clock.now, None)
    with _lived(lived, clock, given):
        pass


@contextmanager
def _lived(lived: _Life, clock: _Clock, given: sources.Sources) -> Iterator[Stage]:
    """Live the study; the block works in its time."""
    protocol = parse_file(lived.source, lived.file)
    with sources.given(given), translation.override("en"):
        files.keys_path().parent.mkdir(parents=True, exist_ok=True)
        if not files.keys_path().exists():
            keys.generate(files.keys_path())
        stage = Stage(
            _begun(protocol, lived),
            lived.seed,
            lived.begin + _BEFORE,
            lived.until,
            needed_items(protocol),
        )
        clock.stage = stage
        stage.begin(first_stock(stage))
        stage.begin(Recruitment(stage, min(lived.participants, protocol.participants)).thread())
        stage.play()
        yield stage


def _begin_of(protocol: Protocol) -> datetime:
    return datetime.combine(protocol.date, time(9), installation_zone())


def _begun(protocol: Protocol, lived: _Life) -> Crew:
    """Have people and sites, and the protocol signed by whoever may."""
    crew = make_crew(protocol, lived.places, lived.begin, called=lived.called)
    signer = crew.able(Act.SIGN_PROTOCOL)[0]
    studies.sign_protocol(by=signer, source=lived.source, file_name=lived.file, at=lived.begin)
    return crew


@dataclass(frozen=True, slots=True)
class _Asked:
    """The file as it was given, how many were to enter, and what it leaves open."""

    file_sha256: str
    participants: int
    answers: tuple[DrawnAnswer, ...]


def _told(stage: Stage, asked: _Asked, verified_at: datetime) -> Simulated:
    """The end: a cut, the verification of the ledger, both reports, what was reached."""
    protocol, study = stage.protocol, stage.protocol.identifier
    cutters = stage.crew.able(Act.CUT_DATA)
    digest = stage.attempt(cutters, lambda by: cutting.cut_data(by=by, name=CUT, at=stage.now))
    signing.sign()
    verified = verify(
        study,
        heads_path=files.heads_path(),
        publics=[files.keys().public],
        keys=files.keys(),
        now=verified_at,
    )
    cut = cut_store.load_open(study, CUT, digest)
    sealed = cut_store.load_sealed(study, CUT)
    pooled = trial_report(cut, protocol, language="en")
    by_arm = trial_report(cut, protocol, language="en", sealed=sealed)
    return Simulated(
        protocol=protocol,
        file_sha256=asked.file_sha256,
        asked=asked.participants,
        seed=stage.seed,
        answers=asked.answers,
        cut_sha256=digest,
        cut=_bytes_of_cut(study),
        data=cut,
        sealed=sealed,
        pooled=render_html(pooled),
        by_arm=render_html(by_arm),
        rows=verified.rows,
        problems=tuple(each.sentence() for each in verified.problems),
        coverage=cover(protocol, cut, sealed, stage.tally),
    )


def _bytes_of_cut(study: str) -> bytes:
    """The open files of the cut, one after another, in the order of their names."""
    folder = cut_store.folder_of(study, CUT) / "open"
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()))
