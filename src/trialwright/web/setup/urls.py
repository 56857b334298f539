"""The addresses of the door: below a study's `setup`, and those of no study yet."""

from django.urls import URLPattern, URLResolver, include, path

from trialwright.web.setup import (
    activation,
    amendment,
    archive,
    checklist,
    closing,
    delegation,
    external_list,
    joining,
    new_study,
    people,
    protocol,
    questions,
    simulation,
    sites,
    studies,
    training,
)

_setup: list[URLPattern | URLResolver] = [
    path("", checklist.checklist_page),
    path("/protocol", protocol.protocol_page),
    path("/protocol/questions", questions.questions_page),
    path("/protocol/confirm", protocol.confirm_page),
    path("/simulation", simulation.simulation_page),
    path("/list", external_list.list_page),
    path("/training", training.training_page),
    path("/sign", activation.sign_page),
    path("/activation", activation.activation_page),
    path("/amendment", amendment.amendment_page),
    path("/versions", amendment.versions_page),
    path("/versions/<str:version>", amendment.version_page),
    path("/closing", closing.closing_page),
    path("/archive", archive.archive_page),
    path("/locks", closing.locks_page),
    path("/locks/<int:number>", closing.lock_page),
    path("/sites", sites.sites_page),
    path("/sites/<slug:code>", sites.site_page),
    path("/delegation", delegation.delegation_page),
    path("/delegation/<uuid:line>", delegation.line_page),
    path("/people", people.people_page),
    path("/people/<uuid:person>", people.person_page),
    path("/people/<uuid:person>/link", people.link_page),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("join/<str:token>", joining.join_page),
    path("studies", studies.studies_page),
    path("studies/new", new_study.new_study_page),
    path("studies/<str:study>/setup", include(_setup)),
]
