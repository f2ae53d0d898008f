"""Access to videos and permission to upload: products register both rules for each purpose."""

from django.utils.translation import gettext_lazy as _

from portal.evidence.access import AccessRules
from portal.media.models import MediaFile

video_rules = AccessRules[MediaFile](
    only_owner=_("Only its owner can see this file."), not_taken=_("Files cannot be uploaded for this purpose.")
)
register_media_access = video_rules.register
refuse_video_look = video_rules.refuse_look
refuse_video_upload = video_rules.refuse_upload
