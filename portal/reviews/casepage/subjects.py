"""What a case is about, as its page needs it. Products have their own subclasses."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Unpack

from django import forms

from portal.errors import Text
from portal.people.models import User
from portal.reviews.actions import appeals
from portal.reviews.actions import decisions as recording
from portal.reviews.actions.decisions import SecondApproval
from portal.reviews.casepage.forms import DecisionForm
from portal.reviews.casepage.previews import StatementPreview
from portal.reviews.models import Appeal, Decision, ReasonCode, ReviewCase
from portal.reviews.second_look import SecondLook
from portal.reviews.states import Stage

# Forms that were refused and are shown again, by the name of their panel or section.
BoundForms = Mapping[str, forms.Form]


@dataclass(frozen=True)
class Ruling:
    """One thing that can be decided on a case at its stage.

    `verb` stands in the URL, `key` opens its panel. `form` makes the form from what was sent (None: a fresh one);
    `carry_out` is the action, called with `by` and the fields of the form. `favours` sets the tone of the button:
    for whoever applies, complains or appeals. `is_previewed`: what people will read can be shown before it is sent.
    """

    verb: str
    outcome: str
    label: Text
    key: str
    form: Callable[..., DecisionForm]
    carry_out: Callable[..., object]
    favours: bool = False
    is_previewed: bool = True


@dataclass(frozen=True)
class CaseSubject(ABC):
    """A case with the row of the product that it belongs to.

    `template` extends reviews/casepage/page.html. `fields_template` shows the fields of a decision (context: form,
    ruling), `decision_template` an earlier decision (context: summary, from summarize()). `keys` are the product's
    own keys, each with what it does.
    """

    case: ReviewCase

    template: ClassVar[str]
    fields_template: ClassVar[str]
    decision_template: ClassVar[str]
    keys: ClassVar[tuple[tuple[str, Text], ...]] = ()

    @property
    @abstractmethod
    def title(self) -> str:
        """The title of the page."""

    @property
    @abstractmethod
    def lead(self) -> str:
        """The line below the title."""

    @abstractmethod
    def refuse_work(self, user: User) -> Text | None:
        """Why the user may not work on the case, or None."""

    @abstractmethod
    def list_rulings(self) -> tuple[Ruling, ...]:
        """What can be decided at this stage; not asked while a held decision waits for the second approval."""

    @abstractmethod
    def summarize(self, decision: Decision) -> Any:
        """An earlier decision for `decision_template`."""

    @abstractmethod
    def preview(self, ruling: Ruling, fields: Mapping[str, Any]) -> list[StatementPreview]:
        """What people would read; `fields` are those of the form that are valid so far."""

    def preview_errors(self, ruling: Ruling, fields: Mapping[str, Any]) -> Mapping[str, Sequence[Text]]:
        """What the decision still lacks, by field. What is previewed is read by people, and so has to be explained."""
        reasons, explanation = fields.get("reasons", []), fields.get("explanation", "")
        return recording.decision_errors(self.case, ruling.outcome, reasons, explanation, adverse=True)

    @abstractmethod
    def look_again(self, held: Decision, person: User) -> SecondLook:
        """What the second person is shown before they agree with the held decision."""

    @abstractmethod
    def confirm(self, *, by: User, **approval: Unpack[SecondApproval]) -> None:
        """The second person agrees with the held decision."""

    @abstractmethod
    def send_back(self, *, by: User, version: int, note: str) -> None:
        """The second person does not agree with the held decision."""

    @abstractmethod
    def build_sections(self, person: User, bound: BoundForms, opened: Mapping[Any, Any]) -> dict[str, Any]:
        """The context of the product's sections. `opened` holds what was just revealed, and is shown this once."""

    @property
    def rulings(self) -> tuple[Ruling, ...]:
        """What can be decided now; nothing while a held decision waits for the second approval."""
        return () if self.case.needs_second_approval else self.list_rulings()

    def find_held_decision(self) -> Decision | None:
        """The decision that waits for a second person."""
        return recording.held_decision(self.case) if self.case.needs_second_approval else None

    def find_appeal(self) -> Appeal | None:
        """The appeal that waits for an answer, where this stage may know of it."""
        appealed = self.case.stage in {Stage.APPEAL, Stage.APPEAL_SECOND}
        return appeals.pending_appeal(self.case.pk) if appealed else None

    def make_form(self, ruling: Ruling, data: Any = None) -> DecisionForm:
        """The form of a ruling. One query, for the reasons that it offers."""
        reasons = ReasonCode.objects.offered(self.case.kind).filter(outcome=ruling.outcome)
        return ruling.form(data, verb=ruling.verb, version=self.case.version, reasons=list(reasons))
