"""One step of a migration that makes many tables, in the time of a few.

Django renders every model of the state again for each model that is added to it, so the time of a
new installation's first step grows with the square of its tables.
"""

from collections.abc import Sequence
from typing import Any

from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class CreateTogether(Operation):
    """Create models whose keys may lead to one another, in any order."""

    serialization_expand_args = ["operations"]

    def __init__(self, operations: Sequence[CreateModel]) -> None:
        self.operations = operations

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Add the models to the state, which is rendered once, when it is next asked for."""
        if "apps" in state.__dict__:
            del state.apps
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(self, app_label: str, schema_editor: Any, *states: ProjectState) -> None:
        """Make the tables; keys among them come last, when the editor is left."""
        for operation in self.operations:
            operation.database_forwards(app_label, schema_editor, *states)

    def database_backwards(self, app_label: str, schema_editor: Any, *states: ProjectState) -> None:
        """Drop the tables."""
        for operation in reversed(self.operations):
            operation.database_backwards(app_label, schema_editor, *states)

    def describe(self) -> str:
        """What the step does, for `migrate` to tell."""
        return f"Create {len(self.operations)} models at once"
