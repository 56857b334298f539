"""One registered trial: the register's facts, typed, each knowing where it stood in the raw record.

Every register's form is read into one tree, that of the ClinicalTrials.gov v2 form, which is kept
whole (also the keys we don't know); a `Record` is a typed, lazy, read-only view of it. Asking for
a fact never raises: what is absent, blank, not applicable or unreadable says so (`Value.given`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from trialwright.registry.record.dates import PartialDate
from trialwright.registry.record.parts import (
    ArmGroup,
    CitedReference,
    Contact,
    Design,
    EligibilityRules,
    EnrolmentCount,
    Intervention,
    Location,
    MeshTerm,
    OutcomeRole,
    RegisteredOutcome,
    Sponsor,
    StudyDate,
)
from trialwright.registry.record.values import Copy, Node, Several, Value


class Register(StrEnum):
    """A trial register."""

    CTGOV = "ClinicalTrials.gov"
    CTIS = "CTIS"
    EUCTR = "EU Clinical Trials Register"
    ISRCTN = "ISRCTN registry"
    ANZCTR = "ANZCTR"
    CHICTR = "ChiCTR"
    CRIS = "CRIS"
    CTRI = "CTRI"
    DRKS = "German Clinical Trials Register"
    IRCT = "IRCT"
    ITMCTR = "ITMCTR"
    JPRN = "JPRN"
    LBCTR = "LBCTR"
    OMON = "NL-OMON"
    PACTR = "PACTR"
    REBEC = "REBEC"
    REPEC = "REPEC"
    RPCEC = "RPCEC"
    SLCTR = "SLCTR"
    TCTR = "TCTR"


_ADDRESSES = {
    Register.CTGOV: "https://clinicaltrials.gov/study/{}",
    Register.CTIS: "https://euclinicaltrials.eu/ctis-public/view/{}",
    Register.EUCTR: "https://www.clinicaltrialsregister.eu/ctr-search/search?query={}",
    Register.ISRCTN: "https://www.isrctn.com/{}",
}
# Where the records of the other registers stand too.
_PORTAL = "https://trialsearch.who.int/Trial2.aspx?TrialID={}"


@dataclass(frozen=True, eq=False)
class Record:
    """A registered trial.

    Attributes:
        number: the trial's number in its register ("NCT03223454", "ISRCTN96912679").
        tree: the record in the v2 form. Not to be changed.
        register: where it is registered.
        copy: how this copy was made: places in the raw record where they differ from the
            tree, text that was condensed or left out.
    """

    number: str
    tree: Mapping[str, Any]
    register: Register = Register.CTGOV
    copy: Copy = field(default_factory=Copy)

    @property
    def address(self) -> str:
        """The record's page at its register."""
        return _ADDRESSES.get(self.register, _PORTAL).format(self.number)

    def module(self, name: str) -> Node:
        """The place of a module of the protocol section, such as "statusModule"."""
        return self._protocol[f"{name}Module"]

    @cached_property
    def _root(self) -> Node:
        return Node(self.tree, self.copy)

    @cached_property
    def _protocol(self) -> Node:
        return self._root["protocolSection"]

    # Identification

    @cached_property
    def title(self) -> Value[str]:
        """The brief title."""
        return self.module("identification")["briefTitle"].text()

    @cached_property
    def official_title(self) -> Value[str]:
        """The official, scientific title."""
        return self.module("identification")["officialTitle"].text()

    @cached_property
    def acronym(self) -> Value[str]:
        """The acronym."""
        return self.module("identification")["acronym"].text()

    @cached_property
    def sponsor_number(self) -> Value[str]:
        """The sponsor's own number of the study."""
        return (self.module("identification") / "orgStudyIdInfo/id").text()

    @cached_property
    def secondary_numbers(self) -> Several[Value[str]]:
        """Numbers in other registers and of grants."""
        nodes = self.module("identification")["secondaryIdInfos"]
        return nodes.each(lambda node: node["id"].text())

    @cached_property
    def aliases(self) -> Several[Value[str]]:
        """Earlier numbers of the same trial in this register."""
        return self.module("identification")["nctIdAliases"].each(Node.text)

    # Status and dates

    @cached_property
    def status(self) -> Value[str]:
        """The overall status, as registered ("NOT_YET_RECRUITING")."""
        return self.module("status")["overallStatus"].code()

    @cached_property
    def last_known_status(self) -> Value[str]:
        """The status before the register made it UNKNOWN."""
        return self.module("status")["lastKnownStatus"].code()

    @cached_property
    def why_stopped(self) -> Value[str]:
        """The reason for stopping early."""
        return self.module("status")["whyStopped"].text()

    @cached_property
    def verified(self) -> Value[PartialDate]:
        """When the sponsor last verified the record, a month as a rule."""
        return self.module("status")["statusVerifiedDate"].date()

    @cached_property
    def start(self) -> StudyDate:
        """The start of the study."""
        return StudyDate(self.module("status")["startDateStruct"])

    @cached_property
    def primary_completion(self) -> StudyDate:
        """The last data of the primary outcome."""
        return StudyDate(self.module("status")["primaryCompletionDateStruct"])

    @cached_property
    def completion(self) -> StudyDate:
        """The end of the study."""
        return StudyDate(self.module("status")["completionDateStruct"])

    @cached_property
    def first_submitted(self) -> Value[PartialDate]:
        """The first submission to the register."""
        return self.module("status")["studyFirstSubmitDate"].date()

    @cached_property
    def first_posted(self) -> StudyDate:
        """The first day on the register."""
        return StudyDate(self.module("status")["studyFirstPostDateStruct"])

    @cached_property
    def results_first_posted(self) -> StudyDate:
        """The first day of results on the register."""
        return StudyDate(self.module("status")["resultsFirstPostDateStruct"])

    @cached_property
    def last_update_submitted(self) -> Value[PartialDate]:
        """The latest submission to the register."""
        return self.module("status")["lastUpdateSubmitDate"].date()

    @cached_property
    def last_update_posted(self) -> StudyDate:
        """The day of the latest version on the register."""
        return StudyDate(self.module("status")["lastUpdatePostDateStruct"])

    # Who

    @cached_property
    def sponsor(self) -> Sponsor:
        """The lead sponsor, which third-party pages call the source."""
        return Sponsor(self.module("sponsorCollaborators")["leadSponsor"])

    @cached_property
    def collaborators(self) -> Several[Sponsor]:
        """Who supports it."""
        return self.module("sponsorCollaborators")["collaborators"].each(Sponsor)

    @cached_property
    def contacts(self) -> Several[Contact]:
        """Whom to ask."""
        return self.module("contactsLocations")["centralContacts"].each(Contact)

    @cached_property
    def officials(self) -> Several[Contact]:
        """Who is responsible for the whole study."""
        return self.module("contactsLocations")["overallOfficials"].each(Contact)

    @cached_property
    def locations(self) -> Several[Location]:
        """Where it runs."""
        return self.module("contactsLocations")["locations"].each(Location)

    # What and why

    @cached_property
    def summary(self) -> Value[str]:
        """The brief summary."""
        return self.module("description")["briefSummary"].text()

    @cached_property
    def description(self) -> Value[str]:
        """The detailed description."""
        return self.module("description")["detailedDescription"].text()

    @cached_property
    def conditions(self) -> Several[Value[str]]:
        """The conditions studied, in the sponsor's words."""
        return self.module("conditions")["conditions"].each(Node.text)

    @cached_property
    def keywords(self) -> Several[Value[str]]:
        """The sponsor's keywords."""
        return self.module("conditions")["keywords"].each(Node.text)

    # Design

    @cached_property
    def study_type(self) -> Value[str]:
        """Interventional, observational or expanded access, as a code."""
        return self.module("design")["studyType"].code()

    @cached_property
    def phases(self) -> Several[Value[str]]:
        """One or two phases; `given` tells "N/A" from blank and absent."""
        return self.module("design")["phases"].codes()

    @cached_property
    def design(self) -> Design:
        """Allocation, model, purpose and masking."""
        return Design(self.module("design")["designInfo"])

    @cached_property
    def enrolment(self) -> EnrolmentCount:
        """How many participants."""
        return EnrolmentCount(self.module("design")["enrollmentInfo"])

    @cached_property
    def arms(self) -> Several[ArmGroup]:
        """The arms or groups, numbered from 1."""
        return self.module("armsInterventions")["armGroups"].each(ArmGroup)

    @cached_property
    def interventions(self) -> Several[Intervention]:
        """What is given or done."""
        return self.module("armsInterventions")["interventions"].each(Intervention)

    def interventions_of(self, arm: ArmGroup) -> tuple[Intervention, ...]:
        """The interventions of an arm, where the record links them (by text, on either side)."""
        named = {
            name.value.partition(":")[2].strip().casefold()
            for name in arm.intervention_names
            if name.value
        }
        label = arm.label.value
        return tuple(
            item
            for item in self.interventions
            if (item.name.value or "").casefold() in named
            or (label and any(other.value == label for other in item.arm_labels))
        )

    def _outcomes(self, key: str, role: OutcomeRole) -> Several[RegisteredOutcome]:
        return self.module("outcomes")[key].each(lambda node: RegisteredOutcome(node, role))

    @cached_property
    def primary_outcomes(self) -> Several[RegisteredOutcome]:
        """The primary outcomes."""
        return self._outcomes("primaryOutcomes", "primary")

    @cached_property
    def secondary_outcomes(self) -> Several[RegisteredOutcome]:
        """The secondary outcomes."""
        return self._outcomes("secondaryOutcomes", "secondary")

    @cached_property
    def other_outcomes(self) -> Several[RegisteredOutcome]:
        """The other registered outcomes."""
        return self._outcomes("otherOutcomes", "other")

    @property
    def outcomes(self) -> tuple[RegisteredOutcome, ...]:
        """All outcomes: primary, secondary, other."""
        return (*self.primary_outcomes, *self.secondary_outcomes, *self.other_outcomes)

    @cached_property
    def eligibility(self) -> EligibilityRules:
        """Who may take part."""
        return EligibilityRules(self.module("eligibility"))

    # What the register derives

    def _mesh(self, browse: str, key: str) -> Several[MeshTerm]:
        return (self._root / f"derivedSection/{browse}BrowseModule/{key}").each(MeshTerm)

    @cached_property
    def condition_mesh(self) -> Several[MeshTerm]:
        """MeSH terms of the conditions."""
        return self._mesh("condition", "meshes")

    @cached_property
    def condition_mesh_ancestors(self) -> Several[MeshTerm]:
        """Wider MeSH terms of the conditions."""
        return self._mesh("condition", "ancestors")

    @cached_property
    def intervention_mesh(self) -> Several[MeshTerm]:
        """MeSH terms of the interventions."""
        return self._mesh("intervention", "meshes")

    @cached_property
    def references(self) -> Several[CitedReference]:
        """The publications it cites."""
        return self.module("references")["references"].each(CitedReference)

    @cached_property
    def has_results(self) -> Value[bool]:
        """Whether results are posted on the register."""
        return self._root["hasResults"].yes_no()

    @property
    def has_posted_results(self) -> bool:
        """Whether this copy of the record has the results themselves."""
        section = self.tree.get("resultsSection")
        return isinstance(section, dict) and bool(section)

    def results(self, name: str) -> dict[str, Any]:
        """A module of the results, such as "participantFlow"; empty where there is none."""
        raw = self._root["resultsSection"][f"{name}Module"].raw
        return raw if isinstance(raw, dict) else {}
