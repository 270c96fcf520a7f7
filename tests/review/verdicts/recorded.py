"""What a review finds in each case, as it was when somebody last looked: no change of it goes unseen.

`python -m tests.review.verdicts.recorded` writes it anew, to be read as a diff.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from constructs_lib.review.loading.files import read_input
from constructs_lib.review.loading.json_text import InputError
from constructs_lib.review.report import Action, Report, ResourceReview
from constructs_lib.review.reviewing import review
from tests.review.configurations import AT
from tests.review.verdicts import every_case
from tests.review.verdicts.building import written

FILE = Path(__file__).with_name("recorded.json")


def recorded() -> Mapping[str, list[str]]:
    """By the name of a case what is found, a line for each change and each finding."""
    result: dict[str, list[str]] = json.loads(FILE.read_text("utf-8"))
    return result


def lines(report: Report) -> list[str]:
    """What a report says, without its words; of each change the begin of the delta that approves it."""
    about_all = (f"{finding.code} {finding.path}".strip() for finding in report.findings)
    return sorted([*about_all, *(line for each in report.resources() for line in _of_resource(each))])


def _of_resource(resource: ResourceReview) -> Iterator[str]:
    if resource.action is not Action.UNCHANGED or resource.delta:
        access = f", access {resource.access.verdict}" if resource.access else ""
        yield f"{resource.address} {resource.action}{access}, delta {(resource.delta or 'none')[:4]}"
    for finding in resource.findings:
        yield f"{resource.address} {finding.code} {finding.path}".strip()


def found(new: Path, old: Path | None) -> list[str]:
    """What a review of two sides finds."""
    try:
        return lines(review(read_input(new, old), at=AT))
    except InputError:
        return ["refused"]


def main() -> None:
    result = {}
    with TemporaryDirectory() as folder:
        for number, (name, case) in enumerate(sorted(every_case().items())):
            at = Path(folder) / str(number)
            old = None if case.old is None else written(at / "old", case.old)
            result[name] = found(written(at / "new", case.new), old)
    rows = (f"{json.dumps(name)}: {json.dumps(given)}" for name, given in result.items())
    FILE.write_text("{\n" + ",\n".join(rows) + "\n}\n", "utf-8")


if __name__ == "__main__":
    main()
