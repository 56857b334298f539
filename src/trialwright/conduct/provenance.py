"""Where values come from that nobody of the study types: a laboratory's file, a participant."""

from abc import ABC, abstractmethod
from typing import ClassVar

from trialwright.accounts.policy import Actor
from trialwright.conduct.acting import ActionContext
from trialwright.conduct.models import Entry
from trialwright.conduct.participants.completing import Completed
from trialwright.protocol.forms import Form


class Provenance(ABC):
    """What saving an entry asks of it: who may, what is said where a person would, what is kept."""

    __slots__ = ()
    action: ClassVar[str]
    """The verb that the ledger keeps."""

    @abstractmethod
    def role(self, actor: Actor, form: Form, *, site: str, knows_arm: bool) -> str | None:
        """The role under which the values may be entered on the form, or None."""

    @property
    @abstractmethod
    def said(self) -> str:
        """Where the values come from, as the ledger and the queries keep it."""

    @property
    def reason(self) -> str:
        """Why a value changes, with where it comes from."""
        return self.said

    def require(  # noqa: B027 - a file refuses nothing more
        self, context: ActionContext, form: Form, done: Completed
    ) -> None:
        """Refuse what can't come from here, under the lock and before anything is written."""

    @abstractmethod
    def keep(self, context: ActionContext, entry: Entry) -> None:
        """Write down where an entry came from."""

    def of_each(self, form: Form, text: str) -> dict[str, str]:
        """The same said of each open item of a form."""
        return {item.key: text for item in form.items if item.key not in form.unmasking_items}
