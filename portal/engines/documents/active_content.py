"""What in a PDF could act: scripts, programs, sent forms, media, attached files. Runs in the child only.

A key is judged by its place. Names that authors choose freely, as those of fonts, marks, styles and entries of
information, may be called as they like; containers without content do nothing. Source: ISO 32000-1, 7.11, 12.5, 12.6, 12.7.8.
"""

from collections.abc import Iterator

import pikepdf

from portal.engines.documents import limits
from portal.engines.limited_process import Refused

_NESTING = 40  # direct objects inside one another
_ACTIONS = frozenset(
    {
        "/JavaScript",
        "/Launch",
        "/ImportData",
        "/SubmitForm",
        "/Movie",
        "/Sound",
        "/Rendition",
        "/GoToE",
        "/RichMediaExecute",
    }
    | {"/GoTo3DView"}
)
_ANNOTATIONS = frozenset({"/RichMedia", "/Movie", "/Sound", "/Screen", "/FileAttachment", "/3D"})
_ACTION_KEYS = ("/A", "/PA", "/NA", "/OpenAction", "/Next")
_TREES = ("/JavaScript", "/EmbeddedFiles", "/Renditions")  # of the catalogue's names
_FILE_KEYS = ("/F", "/UF", "/DOS", "/Mac", "/Unix")
_HOLDERS = pikepdf.Dictionary | pikepdf.Stream  # PDFium takes a stream for its dictionary


def refuse_active_trees(document: pikepdf.Pdf) -> None:
    """Refuse a catalogue that names scripts, attached files or media, or has a form of the kind XFA."""
    names = document.Root.get("/Names")
    for key in _TREES:
        if isinstance(names, _HOLDERS) and _has_entries(names.get(key)):
            raise Refused(limits.ACTIVE, key)
    form = document.Root.get("/AcroForm")
    if isinstance(form, _HOLDERS) and _is_filled(form.get("/XFA")):
        raise Refused(limits.ACTIVE, "/XFA")


def refuse_active(root: pikepdf.Object, allowed: int) -> int:
    """Refuse what acts within one object; how many values were looked at, Refused beyond `allowed`.

    Indirect objects are visited by the caller, but for actions, which are followed from the place that makes them act.
    """
    waiting: list[tuple[object, int]] = [(root, 0)]
    count = 0
    while waiting:
        item, depth = waiting.pop()
        if depth > _NESTING:
            raise Refused(limits.TOO_HEAVY, "nesting")
        count += len(item) if isinstance(item, pikepdf.Array | pikepdf.Dictionary) else 1
        if count > allowed:
            raise Refused(limits.TOO_HEAVY, "values")
        if isinstance(item, _HOLDERS):
            _refuse_place(item)
        waiting += [(child, depth + 1) for child in _children(item) if _is_direct(child)]
    return count


def _refuse_place(item: pikepdf.Object) -> None:
    """Refuse a dictionary that is an action, an annotation, an attached file, or holds an action where it would run."""
    if item.get("/Type") == "/EmbeddedFile":
        raise Refused(limits.ACTIVE, "/EmbeddedFile")
    if item.get("/Type") == "/Action" or "/JS" in item:
        _refuse_action(item)
    if "/Rect" in item and str(item.get("/Subtype")) in _ANNOTATIONS:
        raise Refused(limits.ACTIVE, str(item.get("/Subtype")))
    for note in _each(item.get("/Annots")):
        if str(note.get("/Subtype")) in _ANNOTATIONS:
            raise Refused(limits.ACTIVE, str(note.get("/Subtype")))
    if _attaches(item.get("/EF")):
        raise Refused(limits.ACTIVE, "/EF")
    for action in _actions_of(item):
        _refuse_action(action)


def _actions_of(item: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """What runs when something is opened, clicked or followed by another action."""
    for key in _ACTION_KEYS:
        yield from _each(item.get(key))
    more = item.get("/AA")
    if isinstance(more, _HOLDERS):
        for event in more.keys():  # noqa: SIM118 -- iterating over the object itself is not supported
            yield from _each(more[event])


def _each(item: object) -> Iterator[pikepdf.Object]:
    if isinstance(item, pikepdf.Array):
        yield from (part for part in item if isinstance(part, _HOLDERS))
    elif isinstance(item, _HOLDERS):
        yield item


def _refuse_action(action: pikepdf.Object) -> None:
    if str(action.get("/S")) in _ACTIONS:
        raise Refused(limits.ACTIVE, str(action.get("/S")))


def _attaches(files: object) -> bool:
    """Whether this is the value of a file specification's /EF: streams under the names of file systems."""
    return isinstance(files, _HOLDERS) and any(isinstance(files.get(key), pikepdf.Stream) for key in _FILE_KEYS)


def _has_entries(tree: object) -> bool:
    """Whether a name tree names anything. A branch counts as an entry: empty trees have none."""
    if not isinstance(tree, _HOLDERS):
        return False
    return any(_is_filled(tree.get(key)) for key in ("/Names", "/Kids"))


def _is_filled(item: object) -> bool:
    return isinstance(item, pikepdf.Stream) or (isinstance(item, pikepdf.Array) and len(item) > 0)


def _children(item: object) -> Iterator[object]:
    if isinstance(item, _HOLDERS):
        yield from (value for _key, value in item.items())
    elif isinstance(item, pikepdf.Array):
        yield from item


def _is_direct(item: object) -> bool:
    return isinstance(item, pikepdf.Object) and not item.is_indirect
