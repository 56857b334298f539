"""Values that come from a file: what is said of them where a person would, and their rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from trialwright.accounts.policy import Actor, role_to_import
from trialwright.conduct.acting import ActionContext
from trialwright.conduct.models import Entry, ImportedValue, ResultFile
from trialwright.conduct.provenance import Provenance
from trialwright.protocol.forms import Form


@dataclass(frozen=True)
class Import(Provenance):
    """A file and the row of each item that comes from it; `replace` is why values that differ are
    replaced."""

    action: ClassVar[str] = "import_results"
    number: int
    file_name: str
    sha256: str
    rows: Mapping[str, int]
    replace: str = ""

    def role(self, actor: Actor, form: Form, *, site: str, knows_arm: bool) -> str | None:
        """The role of who keeps laboratories' data."""
        return role_to_import(actor, form, site=site, knows_arm=knows_arm)

    @property
    def said(self) -> str:
        """The file and its rows."""
        rows = ", ".join(str(row) for row in sorted(set(self.rows.values())))
        return f"File {self.number}, {self.file_name}, SHA-256 {self.sha256}, row {rows}"

    @property
    def reason(self) -> str:
        """Why a value changes, with where it comes from."""
        return f"{self.replace.strip()} ({self.said})" if self.replace.strip() else self.said

    def keep(self, context: ActionContext, entry: Entry) -> None:
        """Keep from which row of the file each value of a form was entered."""
        file = ResultFile.objects.get(study=context.study, number=self.number)
        context.record_all(
            [
                ImportedValue(file=file, row=row, entry=entry, item=item, revision=entry.revision)
                for item, row in self.rows.items()
            ]
        )
