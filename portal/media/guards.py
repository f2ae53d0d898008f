"""What the database itself refuses to let happen to videos and their parts."""

import pgtrigger

# What never changes once a video is frozen, and what besides once the probe has found it.
_SEALED = ("id", "owner_id", "purpose", "sha256", "size", "stored_at", "frozen_at")
_FOUND = ("kind", "media_type", "codec", "width", "height", "duration", "frame_rate", "has_audio", "playable")


def _changed(fields: tuple[str, ...]) -> str:
    new, old = (", ".join(f"{alias}.{field}" for field in fields) for alias in ("NEW", "OLD"))
    return f"(({new}) IS DISTINCT FROM ({old}))"


FROZEN_STAYS = pgtrigger.Protect(
    name="frozen_stays", operation=pgtrigger.Delete, condition=pgtrigger.Q(old__frozen_at__isnull=False)
)

FROZEN_IS_SEALED = pgtrigger.Trigger(
    name="frozen_is_sealed",
    operation=pgtrigger.Update,
    when=pgtrigger.Before,
    condition=pgtrigger.Q(old__frozen_at__isnull=False),
    func=f"""
        IF {_changed(_SEALED)}
           OR (OLD.state = 'ready' AND {_changed(_FOUND)})
           OR (NEW.purged_at IS NULL
               AND (NEW.name <> OLD.name OR (OLD.state = 'ready' AND NEW.poster <> OLD.poster))) THEN
            RAISE EXCEPTION 'video % is frozen', OLD.id USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    """,
)

PART_FOLLOWS = pgtrigger.Trigger(
    name="part_follows",
    operation=pgtrigger.Insert,
    when=pgtrigger.Before,
    func="""
        IF NOT EXISTS (
            SELECT 1 FROM media_mediafile f
            WHERE f.id = NEW.file_id AND f.state = 'uploading' AND f.purged_at IS NULL
              AND NEW."offset" + NEW.size <= f.size
              AND NEW."offset" = (SELECT coalesce(max(p."offset" + p.size), 0)
                                  FROM media_mediapart p WHERE p.file_id = f.id)) THEN
            RAISE EXCEPTION 'part at % does not follow', NEW."offset"
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    """,
)

PART_GOES_WITH_FILE = pgtrigger.Trigger(
    name="part_goes_with_file",
    operation=pgtrigger.Delete,
    when=pgtrigger.Before,
    func="""
        IF EXISTS (SELECT 1 FROM media_mediafile f
                   WHERE f.id = OLD.file_id AND f.state <> 'uploading' AND f.purged_at IS NULL) THEN
            RAISE EXCEPTION 'part % of a stored video', OLD.id USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN OLD;
    """,
)
