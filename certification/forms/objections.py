"""What somebody says against a decision, with files: appeals, and answers to a suspension."""

from django import forms
from django.utils.translation import gettext_lazy as _

from certification.policies import DOCUMENT_PURPOSE
from portal.evidence.forms import EvidenceField
from portal.people.forms import textarea_field

_MOST = 8


class AppealForm(forms.Form):
    """An appeal: free text, and files if there are any."""

    text = textarea_field(
        _("What is wrong with the decision?"),
        rows=7,
        least=20,
        missing=_("Please say in a sentence or two what is wrong with the decision."),
        help_text=_("Say it in your own words. Somebody who had no part in the decision reads it."),
    )
    documents = EvidenceField(
        purpose=DOCUMENT_PURPOSE, most=_MOST, required=False, label=_("New papers, if you have any")
    )


class InquiryAnswerForm(forms.Form):
    """The holder's answer to a suspension."""

    text = textarea_field(
        _("Your answer"),
        rows=7,
        least=20,
        missing=_("Please write a sentence or two."),
        help_text=_("Say what happened. Somebody other than the reviewer who suspended the certificate reads it."),
    )
    documents = EvidenceField(purpose=DOCUMENT_PURPOSE, most=_MOST, required=False, label=_("Papers, if you have any"))
