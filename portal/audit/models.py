"""The audit trail: append-only rows, chained by hash within one case."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

# The digest covers what was recorded and the digest before it, so that a row cannot be changed,
# taken out or put in without breaking the rest of its chain. Times are hashed as epoch
# microseconds, which do not depend on a session's time zone.
DIGEST_SQL = """sha256(
    coalesce({previous}, ''::bytea) || convert_to(concat_ws('|',
        {row}.chain, {row}.number, {row}.event, (extract(epoch from {row}.at) * 1000000)::bigint,
        {row}.actor, {row}.subject, {row}.data::text), 'UTF8'))"""


class AuditEvent(models.Model):
    """One event. People appear by public id only; there are no foreign keys."""

    chain = models.CharField(_("chain"), max_length=80)
    number = models.PositiveIntegerField(_("number"), default=0, help_text=_("Position in its chain, from 1."))
    event = models.CharField(_("event"), max_length=80)
    at = models.DateTimeField(_("at"))
    actor = models.CharField(_("person"), max_length=20, blank=True, help_text=_("Empty: the system."))
    subject = models.CharField(_("about"), max_length=80)
    data = models.JSONField(_("data"), default=dict)
    digest = models.BinaryField(default=b"", editable=False)

    class Meta:
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")
        ordering = ("id",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["chain", "number"], name="audit_chain_number"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["event", "at"], name="audit_event_at"),
            models.Index(fields=["subject", "id"], name="audit_subject"),
            models.Index(fields=["actor", "id"], name="audit_actor"),
        ]
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="chain_digest",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                declare=[("last", "RECORD")],
                # The lock serialises writers of one chain; other chains are not blocked.
                func=f"""
                    PERFORM pg_advisory_xact_lock(hashtextextended(NEW.chain, 0));
                    SELECT number, digest INTO last FROM audit_auditevent
                        WHERE chain = NEW.chain ORDER BY number DESC LIMIT 1;
                    NEW.number := coalesce(last.number, 0) + 1;
                    NEW.digest := {DIGEST_SQL.format(previous="last.digest", row="NEW")};
                    RETURN NEW;
                """,
            ),
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.chain} #{self.number} {self.event}"
