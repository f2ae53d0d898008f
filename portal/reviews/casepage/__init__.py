"""The one page on which a reviewer works on a case in hand, for every kind of case.

A product registers with its case kind a function from the case to its CaseSubject (subjects.py): who may work
on it, the sections of the page, and the rulings, each with its form and the action that carries it out. The
rest stands here: the page itself, decisions, the preview of what people will read, the second approval, and
forms that are refused or stale. Views of a product's own actions answer with rendering.py.
"""
