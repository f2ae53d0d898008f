"""What can be typed on the sandbox."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from portal.evidence.uploads import OversizedFile
from portal.people.forms import textarea_field
from portal.sandbox.models import Account


class ActAsForm(forms.Form):
    """Which account to act as; cleans to the account."""

    handle = forms.CharField(
        label=_("Handle"),
        max_length=60,
        help_text=_("For example, demo-viewer-0007."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "list": "handles"}),
    )

    def clean_handle(self) -> Account:
        handle = self.cleaned_data["handle"].strip().removeprefix("@").lower()
        account = Account.objects.filter(handle=handle).first()
        if account is None:
            raise ValidationError(_("There is no account with this handle."))
        return account


class PublishForm(forms.Form):
    """A new video."""

    title = forms.CharField(label=_("Title"), max_length=120)
    video = forms.FileField(
        label=_("Video"),
        help_text=_("MP4, WebM or another common format, up to 20 MiB. Visible to everyone who visits the sandbox."),
        widget=forms.FileInput(attrs={"accept": "video/*"}),
    )

    def clean_video(self) -> Any:
        video: UploadedFile[bytes] = self.cleaned_data["video"]
        if isinstance(video, OversizedFile):
            raise ValidationError(_("This video is larger than 20 MiB. Please choose a shorter one."))
        return video


class BioForm(forms.Form):
    """What an account says about itself."""

    bio = textarea_field(
        _("About"),
        rows=4,
        most=500,
        required=False,
        help_text=_("To verify that an account is yours, the portal asks you to put a code here for a moment."),
    )
