"""Data cuts and their reports: pooled for masked people, by arm for unmasked ones."""

from typing import Literal, TypedDict

from trialwright.accounts.policy import Act, Actor, may
from trialwright.analysis.cut import Cut, SealedPart
from trialwright.conduct.acting import protocol_of
from trialwright.conduct.cut import store as cut_store
from trialwright.conduct.models import DataCut, ProtocolVersion
from trialwright.conduct.refusals import NotFound
from trialwright.protocol.model import Protocol
from trialwright.report.document import Document
from trialwright.report.listings import listings
from trialwright.report.trial import trial_report


class _Parts(TypedDict):
    """What a document of a cut is made from."""

    cut: Cut
    protocol: Protocol
    sealed: SealedPart | None


def cuts(by: Actor) -> list[DataCut]:
    """The cuts of the study, latest first."""
    if not may(by, Act.SEE_CUTS):
        raise NotFound
    return list(DataCut.objects.filter(study=by.study).order_by("-cut_at", "-name"))


def one_cut(by: Actor, name: str) -> DataCut:
    """One cut by its name."""
    found = next((cut for cut in cuts(by) if cut.name == name), None)
    if found is None:
        raise NotFound
    return found


def files_of(by: Actor, name: str) -> dict[str, bytes]:
    """The open files of a cut by their names, sorted.

    Raises:
        CutError: a file is missing or was changed, so that they are no longer the cut.
    """
    row = one_cut(by, name)
    cut_store.load_open(by.study, row.name, row.sha256)
    folder = cut_store.folder_of(by.study, row.name) / "open"
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def report_of(
    by: Actor, name: str, *, language: Literal["en", "zh"], by_arm: bool = False
) -> Document:
    """The report of a cut, from its files alone; by arm only for who may see results by arm."""
    return trial_report(**_parts(by, name, by_arm=by_arm), language=language)


def listings_of(
    by: Actor, name: str, *, language: Literal["en", "zh"], by_arm: bool = False
) -> Document:
    """The listings of a cut, as `report_of` has its report."""
    return listings(**_parts(by, name, by_arm=by_arm), language=language)


def _parts(by: Actor, name: str, *, by_arm: bool) -> _Parts:
    cut_row = one_cut(by, name)
    if by_arm and not may(by, Act.SEE_ARMS):
        raise NotFound
    cut = cut_store.load_open(by.study, cut_row.name, cut_row.sha256)
    version = ProtocolVersion.objects.get(study=by.study, sha256=cut.protocol.sha256)
    sealed = cut_store.load_sealed(by.study, cut_row.name) if by_arm else None
    return {"cut": cut, "protocol": protocol_of(version), "sealed": sealed}
