"""The functions of the provider: policy documents, schedules and recovery points, each one call of the model.

What they need is imported where it is called: a plan without them pays nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from constructs_lib.provider.protocol.diagnostics import Failure
from constructs_lib.provider.protocol.resource import Function, Parameter
from constructs_lib.provider.protocol.types import BOOL, DYNAMIC, NUMBER, STRING, Type, list_of, object_of
from constructs_lib.provider.protocol.values import Dynamic

if TYPE_CHECKING:
    from constructs_lib.backup.schedule import Schedule
    from constructs_lib.ram.document import PolicyDocument

MOST_RUNS = 1000

# ------------------------------------------------------------ policy documents


def _read_document(text: str, parameter: str) -> PolicyDocument:
    from constructs_lib.findings import InvalidPropsError
    from constructs_lib.ram.document import PolicyDocument

    try:
        return PolicyDocument.from_json(text)
    except InvalidPropsError as error:
        raise Failure("It is no policy document", str(error), parameter) from None


def _decided(undecided: str | None) -> None:
    if undecided:
        raise Failure("It cannot be decided", f"{undecided}.")


def _canonical(document: str) -> str:
    return _read_document(document, "document").to_json()


def _minimise(document: str) -> str:
    return _read_document(document, "document").minimised().to_json()


def _within(document: str, boundary: str) -> bool:
    from constructs_lib.ram.access import within

    answer = within(_read_document(document, "document"), _read_document(boundary, "boundary"))
    if answer.holds is None:
        _decided(answer.undecided)
    return bool(answer)


def _new_access(old: str, new: str) -> list[str]:
    from constructs_lib.ram.access import compare

    comparison = compare(_read_document(old, "old"), _read_document(new, "new"))
    _decided(comparison.undecided)
    return [str(grant.witness) for grant in comparison.gained]


def _split(document: str, *previous: str) -> list[str]:
    from constructs_lib.ram.split import SplitError

    whole = _read_document(document, "document")
    try:
        parts = whole.split(
            [_read_document(each, f"previous[{number}]") for number, each in enumerate(previous)]
        )
    except SplitError as error:
        raise Failure("It cannot be split", f"{error}.", "document") from None
    return [part.to_json() for part in parts]


# ------------------------------------------------------------ schedules and recovery points


def _read_schedule(text: str) -> Schedule:
    from constructs_lib.backup.quartz import ScheduleError
    from constructs_lib.backup.schedule import Schedule

    try:
        return Schedule.parse(text)
    except ScheduleError as error:
        raise Failure("It is no schedule", str(error), "schedule") from None


def _next_runs(schedule: str, after: str, count: Any) -> list[str]:
    from datetime import datetime
    from itertools import islice

    try:
        moment = datetime.fromisoformat(after)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        allowed = 'write a time with its zone, such as "2026-11-30T00:00:00Z"'
        raise Failure("It is no time", f"received {after!r}; {allowed}", "after")
    if not isinstance(count, int) or not 0 <= count <= MOST_RUNS:
        raise Failure(
            "It is no count", f"received {count}; write a whole number up to {MOST_RUNS:,}", "count"
        )
    return [run.isoformat() for run in islice(_read_schedule(schedule).occurrences(after=moment), count)]


def _describe(schedule: str) -> str:
    return _read_schedule(schedule).describe()


def _recovery_points(rules: Any) -> dict[str, Any]:
    from constructs_lib.backup.checks import check_backup_policy
    from constructs_lib.backup.policy import BLOCKS, BackupPolicyProps
    from constructs_lib.backup.recovery import simulate
    from constructs_lib.findings import Severity
    from constructs_lib.provider.operations import props_of

    given = rules.value if isinstance(rules, Dynamic) else rules
    if not isinstance(given, list) or not all(isinstance(rule, dict) for rule in given):
        raise Failure("These are no rules", "Write a list of objects: the rules of a backup policy.", "rules")
    props = props_of(BackupPolicyProps, {"rules": given}, BLOCKS)
    findings = check_backup_policy(props)
    if errors := [finding.message for finding in findings if finding.severity is Severity.ERROR]:
        raise Failure("These are no rules of a policy", "\n".join(errors), "rules")
    recovery = simulate(props)
    points = recovery.backups
    if points is None or points.counts is None:
        why = "; ".join(map(str, recovery.unknown)) or recovery.shortened or "the counts do not settle"
        raise Failure("The recovery points are not known", f"{why}.", "rules")
    return {
        "lowest": points.counts.lowest,
        "highest": points.counts.highest,
        "retentions": [each._asdict() for each in points.retentions],
        "worst_cases": [case._asdict() for case in points.worst_cases],
    }


_RECOVERY_POINTS = object_of(
    {
        "lowest": NUMBER,
        "highest": NUMBER,
        "retentions": list_of(object_of({"path": STRING, "keeps": STRING, "days": NUMBER})),
        "worst_cases": list_of(object_of({"older_than": NUMBER, "loss": NUMBER})),
    }
)

# ------------------------------------------------------------ all of them


def _of_documents(
    name: str, description: str, returns: Type, compute: Callable[..., Any], **parameters: str
) -> Function:
    given = tuple(Parameter(each, described) for each, described in parameters.items())
    return Function(name, description, given, returns, compute)


_SCHEDULE = Parameter(
    "schedule", "A schedule as a rule has it: `I|<UNIX seconds>|<interval>` or `C|<UNIX seconds>|<cron>`."
)

FUNCTIONS = (
    _of_documents(
        "document_canonical",
        "The one spelling of all policy documents that say the same. Order, repetition and formatting do not "
        "count. JSON without blanks.",
        STRING,
        _canonical,
        document="A policy document, as JSON.",
    ),
    _of_documents(
        "document_minimise",
        "A shorter policy document that is proven to mean the same. As JSON, in canonical form.",
        STRING,
        _minimise,
        document="A policy document, as JSON.",
    ),
    _of_documents(
        "document_within",
        "Whether a policy document allows nothing that another does not allow. It is an error where that "
        "cannot be decided.",
        BOOL,
        _within,
        document="A policy document, as JSON.",
        boundary="The policy document that it has to stay within, as JSON.",
    ),
    _of_documents(
        "document_new_access",
        "What a new policy document allows and the old one does not. One request for each grant, in words; "
        "the list is empty where nothing is. It is an error where that cannot be decided.",
        list_of(STRING),
        _new_access,
        old="The policy document so far, as JSON.",
        new="The new policy document, as JSON.",
    ),
    Function(
        "document_split",
        "A policy document as documents of at most 6,144 bytes that are proven to mean the same together. "
        "As JSON, in canonical form. Attach all of them to the same user, group or role, which takes 10 "
        "custom policies. They are the fewest that their bytes allow; where statements are large, one more "
        "may be needed. One more statement changes two documents at most where it is written at the end, or "
        "where `previous` is given; more only where that saves a document. It is an error where a statement "
        "cannot be divided.",
        (Parameter("document", "A policy document of any size, as JSON."),),
        list_of(STRING),
        _split,
        Parameter("previous", "The documents so far, as JSON: what stands in them stays there."),
    ),
    Function(
        "schedule_next_runs",
        "When a schedule starts backups next. In UTC+8, as `2026-11-30T02:00:00+08:00`, at most as many as "
        "asked for.",
        (
            _SCHEDULE,
            Parameter("after", "The time after which to look, such as `2026-11-30T00:00:00Z`."),
            Parameter("count", "How many, at most 1,000.", NUMBER),
        ),
        list_of(STRING),
        _next_runs,
    ),
    Function(
        "schedule_describe",
        "A schedule in words. One English sentence, with its start and its zone, UTC+8.",
        (_SCHEDULE,),
        STRING,
        _describe,
    ),
    Function(
        "recovery_points",
        "What the rules of a backup policy keep. `lowest` and `highest` are how many recovery points there "
        "are once as many go as come. `retentions` say what keeps which of them, for how many `days`; null: "
        "until there is a newer one. `worst_cases`: an incident that is more than `older_than` seconds old "
        "when it is detected loses at most `loss` seconds of changes; null: everything may be lost.",
        (Parameter("rules", "The rules, as `alipolicy_backup_policy` has them.", DYNAMIC),),
        _RECOVERY_POINTS,
        _recovery_points,
    ),
)
"""All functions."""
