"""What the change of a backup policy means for its recovery points; equal policies are simulated once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from attrs import evolve, field, frozen

from constructs_lib.backup.policy import BackupPolicyProps
from constructs_lib.backup.recovery import Recovery, RecoveryChange, RecoveryComparison, compare, simulate
from constructs_lib.backup.simulation.timeline import Timeline
from constructs_lib.backup.simulation.worst_case import side_by_side
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
        sides = [None if props is None else BackupPolicyProps(rules=props.rules) for props in (before, after)]
        key = normal_form.text(
            [origins, *(None if props is None else normal_form.form(props) for props in sides)]
        )
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
            None if props is None else simulate(props, begin=self.at, tz=self.zone)
            for props in (before, after)
        )
        one_sided = [*_one_sided(was, is_before=True), *_one_sided(now, is_before=False)]
        return RecoveryReview(before=was, after=now, points=tuple(one_sided))


def _of_change(change: RecoveryChange) -> Iterator[PointsReview]:
    yield _points(change.backups, is_copies=False)
    for replica in change.replicas:
        yield _points(replica, is_copies=True)


def _points(comparison: RecoveryComparison, *, is_copies: bool) -> PointsReview:
    return PointsReview(
        region=comparison.region,
        is_copies=is_copies,
        before=comparison.before,
        after=comparison.after,
        steps=tuple(steps(comparison.before, comparison.after)) if not comparison.unknown else (),
        moved=comparison.moved,
        is_unknown=comparison.unknown,
    )


def _one_sided(recovery: Recovery | None, *, is_before: bool) -> Iterator[PointsReview]:
    if recovery is None:
        return
    lines: list[tuple[str | None, bool, Timeline | None]] = [(None, False, recovery.backups)]
    lines += [(replica.region, True, replica.copies) for replica in recovery.replicas]
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
    cases = (timeline.worst_cases if timeline else () for timeline in (before, after))
    # Of two rows for incidents detected at once, the one that also holds from then on.
    rows = {age: Step(older_than=age, before=was, after=now) for age, was, now in side_by_side(*cases)}
    detections = Counter(map(wording.detection, rows.values()))
    for row in rows.values():
        yield evolve(row, is_close=True) if detections[wording.detection(row)] > 1 else row
