"""Certifications: milliseconds of each step from the draft to the certificate, by one process and one connection.

Every step is the production action on rows of the demo, audit events and notices included. A web server and
several workers take steps of different applications at the same time; what is measured is the work of each.
"""

from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from django.db import connection

from certification import demo
from certification.actions import applications, decisions
from certification.demo import register, walks
from certification.demo.applications import create_demo_application
from certification.models import Application, Certificate, RegistryKind
from certification.states import ApplicationState
from portal.bench.measuring import Say, Stopwatch, bench_database, percentile_ms, server_facts
from portal.people import demo as people
from portal.reviews.demo_reviewers import claim_for_demo

Result = TypeVar("Result")
STEPS = ("draft", "submit", "checks", "claim", "decide", "confirm")


class Steps:
    """How long each step took, each time, and how many queries it asked."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = {name: [] for name in STEPS}
        self.queries: dict[str, list[int]] = {name: [] for name in STEPS}

    def take(self, name: str, act: Callable[[], Result]) -> Result:
        """Take one step."""
        asked = 0

        def count(execute: Callable[..., Any], *query: Any) -> Any:
            nonlocal asked
            asked += 1
            return execute(*query)

        with connection.execute_wrapper(count):
            watch = Stopwatch()
            result = act()
            self.seconds[name].append(watch.seconds)
        self.queries[name].append(asked)
        return result

    def figures(self) -> dict[str, Any]:
        """The middle and the slow end of each step that was taken."""
        return {
            name: {
                "p50_ms": percentile_ms(seen, 0.5),
                "p95_ms": percentile_ms(seen, 0.95),
                "queries": sorted(self.queries[name])[len(seen) // 2],
                "times": len(seen),
            }
            for name, seen in self.seconds.items()
            if seen
        }


def add_arguments(parser: ArgumentParser) -> None:
    """The size of a run."""
    parser.add_argument("--applications", type=int, default=170, help="applications, of all areas in turn")


def run(options: dict[str, Any], say: Say) -> dict[str, Any]:
    """Take one application after the other from the draft to the certificate."""
    with bench_database(keep=options["keep"]):
        people.seed()
        demo.seed()
        there = Certificate.objects.count()
        entries = register.register_entries()[: options["applications"]]
        steps, watch = Steps(), Stopwatch()
        for entry in entries:
            draft = replace(entry, walk=walks.leave_draft)
            steps.take("draft", partial(create_demo_application, draft))
            _certify(steps, Application.objects.latest("pk"))
        figures = {
            "applications_per_s": watch.rate(len(entries)),
            **steps.figures(),
            "certificates": Certificate.objects.count() - there,
            "settings": server_facts(),
        }
        say(f"{len(entries)} applications in {watch.seconds:.0f} s")
        return figures


def _certify(steps: Steps, application: Application) -> None:
    submit = applications.submit_application
    steps.take("submit", lambda: submit(application=application, by=application.applicant, consent=True))
    steps.take("checks", walks.run_jobs)
    steps.take("decide", _decision(steps, application))
    if walks.reload_application(application).state == ApplicationState.SECOND_REVIEW:
        steps.take("confirm", _confirmation(steps, application))


def _decision(steps: Steps, application: Application) -> Callable[[], object]:
    """The first person's decision, after they have taken the case and looked into the registers."""
    application = walks.reload_application(application)
    case = application.case
    assert case is not None  # noqa: S101 -- it has been through the checks
    reviewer = steps.take("claim", lambda: claim_for_demo(case))
    for credential in application.credentials.filter(type__registry=RegistryKind.MANUAL).select_related("type"):
        credential.application, url = application, credential.type.registry_url or "https://example.org/"
        page = walks.store_register_page(reviewer)
        decisions.record_registry_check(
            credential=credential, by=reviewer, result="pass", url=url, seen="Benchmark.", page=page
        )
    accepted, version = list(application.credentials.values_list("pk", flat=True)), case.version
    return lambda: decisions.approve_application(
        application=application, by=reviewer, version=version, accepted=accepted, explanation="Benchmark."
    )


def _confirmation(steps: Steps, application: Application) -> Callable[[], object]:
    """The second person's, where the area asks for one."""
    application = walks.reload_application(application)
    case = application.case
    assert case is not None  # noqa: S101 -- it waits for them
    second, version = steps.take("claim", lambda: claim_for_demo(case)), case.version
    return lambda: decisions.confirm_approval(application=application, by=second, version=version, acknowledged=True)
