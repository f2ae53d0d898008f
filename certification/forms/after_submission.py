"""What somebody says against a decision, with files: appeals, and answers to a suspension."""

from django import forms
from django.utils.translation import gettext_lazy as _

from certification.policies import DOCUMENT_PURPOSE
from portal.evidence.forms import EvidenceField
from portal.people.forms import statement_field

_MOST = 8


class AppealForm(forms.Form):
    """An appeal: free text, and files if there are any."""

    text = statement_field(
        _("What is wrong with the decision?"),
        help_text=_("Explain in your own words. It is read by someone who was not involved in the decision."),
        too_short=_("Please explain in a sentence or two what is wrong with the decision."),
    )
    documents = EvidenceField(
        purpose=DOCUMENT_PURPOSE, most=_MOST, hands_in=True, required=False, label=_("New documents")
    )


class InquiryAnswerForm(forms.Form):
    """The holder's answer to a suspension."""

    text = statement_field(
        _("Your answer"),
        help_text=_(
            "Explain what happened. It is read by someone other than the reviewer who suspended the certificate."
        ),
        too_short=_("Please write a sentence or two."),
    )
    documents = EvidenceField(purpose=DOCUMENT_PURPOSE, most=_MOST, hands_in=True, required=False, label=_("Documents"))
