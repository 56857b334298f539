"""Values that come from a file: what is said of them where a person would, and their rows."""

from collections.abc import Mapping
from dataclasses import dataclass

from trialwright.conduct.acting import ActionContext
from trialwright.conduct.models import Entry, ImportedValue, ResultFile
from trialwright.protocol.forms import Form


@dataclass(frozen=True, slots=True)
class Import:
    """A file and the row of each item that comes from it; `replace` is why values that differ are
    replaced."""

    number: int
    file_name: str
    sha256: str
    rows: Mapping[str, int]
    replace: str = ""

    @property
    def said(self) -> str:
        """Where the values come from, as the ledger and the queries keep it."""
        rows = ", ".join(str(row) for row in sorted(set(self.rows.values())))
        return f"File {self.number}, {self.file_name}, SHA-256 {self.sha256}, row {rows}"

    @property
    def reason(self) -> str:
        """Why a value changes, with where it comes from."""
        return f"{self.replace.strip()} ({self.said})" if self.replace.strip() else self.said

    def of_each(self, form: Form, text: str) -> dict[str, str]:
        """The same said of each open item of a form."""
        return {item.key: text for item in form.items if item.key not in form.unmasking_items}


def record_import(context: ActionContext, entry: Entry, imported: Import) -> None:
    """Keep from which row of the file each value of a form was entered."""
    file = ResultFile.objects.get(study=context.study, number=imported.number)
    context.record_all(
        [
            ImportedValue(file=file, row=row, entry=entry, item=item, revision=entry.revision)
            for item, row in imported.rows.items()
        ]
    )
