"""What the change of a backup policy means for its recovery points; equal policies are simulated once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from attrs import evolve, field, frozen

from constructs_lib.backup.policy import BackupPolicyProps
from constructs_lib.backup.recovery import Recovery, RecoveryChange, RecoveryComparison, compare, simulate
from constructs_lib.backup.simulation.timeline import Timeline
from constructs_lib.backup.simulation.worst_case import WorstCase
from constructs_lib.review import normal_form, wording
from constructs_lib.review.report import PointsReview, RecoveryReview, Step


@frozen
class Recoveries:
    """Simulations at one moment (UNIX seconds) in one zone, kept by what they are of."""

    at: int
    zone: str
    _known: dict[str, RecoveryReview] = field(factory=dict, repr=False)

    def review(
        self,
        before: BackupPolicyProps | None,
        after: BackupPolicyProps | None,
        origins: Mapping[str, str] | None = None,
    ) -> RecoveryReview:
        """What each side promises, and what changes between them.

        * `origins`: which rule was which, as `constructs_lib.backup.effective_retention` tells.
        """
        # Only the rules have a say.
        sides = [None if one is None else BackupPolicyProps(rules=one.rules) for one in (before, after)]
        key = normal_form.text([origins, *(None if one is None else normal_form.form(one) for one in sides)])
        if key not in self._known:
            self._known[key] = self._review(sides[0], sides[1], origins)
        return self._known[key]

    def _review(
        self,
        before: BackupPolicyProps | None,
        after: BackupPolicyProps | None,
        origins: Mapping[str, str] | None,
    ) -> RecoveryReview:
        if before is not None and after is not None:
            change = compare(before, after, at=self.at, tz=self.zone, origins=origins)
            return RecoveryReview(
                before=change.before,
                after=change.after,
                points=tuple(_of_change(change)),
                change=change,
            )
        was, now = (
            None if one is None else simulate(one, begin=self.at, tz=self.zone) for one in (before, after)
        )
        one_sided = [*_one_sided(was, is_before=True), *_one_sided(now, is_before=False)]
        return RecoveryReview(before=was, after=now, points=tuple(one_sided))


def _of_change(change: RecoveryChange) -> Iterator[PointsReview]:
    yield _points(change.backups, is_copies=False)
    for one in change.replicas:
        yield _points(one, is_copies=True)


def _points(one: RecoveryComparison, *, is_copies: bool) -> PointsReview:
    return PointsReview(
        region=one.region,
        is_copies=is_copies,
        before=one.before,
        after=one.after,
        steps=tuple(steps(one.before, one.after)) if not one.unknown else (),
        moved=one.moved,
        is_unknown=one.unknown,
    )


def _one_sided(recovery: Recovery | None, *, is_before: bool) -> Iterator[PointsReview]:
    if recovery is None:
        return
    lines: list[tuple[str | None, bool, Timeline | None]] = [(None, False, recovery.backups)]
    lines += [(one.region, True, one.copies) for one in recovery.replicas]
    for region, is_copies, timeline in lines:
        sides = (timeline, None) if is_before else (None, timeline)
        yield PointsReview(
            region=region,
            is_copies=is_copies,
            before=sides[0],
            after=sides[1],
            steps=tuple(steps(*sides)) if timeline else (),
            is_unknown=timeline is None,
        )


def steps(before: Timeline | None, after: Timeline | None) -> Iterator[Step]:
    """Both worst cases side by side, a row wherever one changes; a missing side promises nothing."""
    rows = list(_rows(before, after))
    told = Counter(wording.detection(one) for one in rows)
    for row in rows:
        yield evolve(row, is_close=True) if told[wording.detection(row)] > 1 else row


def _rows(before: Timeline | None, after: Timeline | None) -> Iterator[Step]:
    old, new = (_losses(one.worst_cases if one else ()) for one in (before, after))
    was: int | None = None
    now: int | None = None
    last: Step | None = None
    for age in sorted({0, *old, *new}):
        was, now = old.get(age, was), new.get(age, now)
        step = Step(older_than=age, before=was, after=now)
        if last is None or evolve(step, older_than=last.older_than) != last:
            last = step
            yield step


def _losses(cases: Sequence[WorstCase]) -> dict[int, int | None]:
    """The loss from each age on; the first case holds from 0 on."""
    return {case.older_than if place else 0: case.loss for place, case in enumerate(cases)}
