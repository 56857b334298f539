"""The migrations of each application are one line, and end where the models are."""

from django.apps import apps
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState


def test_no_two_migrations_end_the_same_application() -> None:
    assert MigrationLoader(None, ignore_no_migrations=True).detect_conflicts() == {}


def test_no_model_has_changed_without_a_migration() -> None:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    detector = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps))
    ours = {app.label for app in apps.get_app_configs() if app.name.startswith("trialwright.")}
    assert {app for app in detector.changes(graph=loader.graph) if app in ours} == set()


def test_an_installation_of_any_age_ends_at_the_same_tables() -> None:
    new, old = (MigrationLoader(None, replace_migrations=each) for each in (True, False))
    steps = [key for key in old.graph.nodes if key not in new.graph.nodes]
    assert steps, "the early steps of one application are one step for a new installation"
    ends = [loader.project_state() for loader in (new, old)]
    for before, after in (ends, ends[::-1]):
        assert MigrationAutodetector(before, after).changes(graph=new.graph) == {}
