"""The diagram in the docs is the table that the code obeys."""

from portal.management.commands import state_diagram


def test_the_diagram_in_the_docs_is_up_to_date() -> None:
    assert state_diagram.TARGET.read_text() == state_diagram.states_document()


def test_every_state_can_be_reached_and_every_move_ends_in_one() -> None:
    for workflow in state_diagram.all_workflows():
        before: set[str] = set()
        reached = {workflow.initial}
        while reached != before:
            before = set(reached)
            reached |= {move.target for move in workflow.moves if reached & set(move.sources)}
        # A decision begins held or in force; everything else begins in one state.
        assert reached == set(workflow.states.values), workflow.name
