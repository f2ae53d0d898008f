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
        help_text=_("Say it in your own words. Somebody who had no part in the decision reads it."),
        too_short=_("Please say in a sentence or two what is wrong with the decision."),
    )
    documents = EvidenceField(
        purpose=DOCUMENT_PURPOSE, most=_MOST, hands_in=True, required=False, label=_("New papers, if you have any")
    )


class InquiryAnswerForm(forms.Form):
    """The holder's answer to a suspension."""

    text = statement_field(
        _("Your answer"),
        help_text=_("Say what happened. Somebody other than the reviewer who suspended the certificate reads it."),
        too_short=_("Please write a sentence or two."),
    )
    documents = EvidenceField(
        purpose=DOCUMENT_PURPOSE, most=_MOST, hands_in=True, required=False, label=_("Papers, if you have any")
    )
