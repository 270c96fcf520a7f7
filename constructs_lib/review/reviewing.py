"""The review itself: from both sides to the one report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from attrs import evolve, frozen

from constructs_lib.backup import checks as backup_checks
from constructs_lib.backup.checks import check_backup_policy
from constructs_lib.backup.effective_retention import rule_origins
from constructs_lib.backup.place_checks import copies_in_own_region
from constructs_lib.backup.policy import BackupPolicyProps
from constructs_lib.backup.schedule import DEFAULT_ZONE
from constructs_lib.backup.schedule_checks import moved_by_clock_changes
from constructs_lib.backup.stack_checks import protects_nothing
from constructs_lib.findings import Finding, can_be_acknowledged
from constructs_lib.ram import plan_checks as ram_plan_checks
from constructs_lib.ram.access import Verdict
from constructs_lib.ram.checks import check_policy_version, left_to_terraform
from constructs_lib.ram.plan_checks import sixth_version
from constructs_lib.ram.policy_version import PolicyVersionProps
from constructs_lib.ram.resource_types import staged_by_default
from constructs_lib.resource_type import ResourceKind
from constructs_lib.review import (
    access_change_checks,
    attachments,
    backup_change_checks,
    catalogue,
    configuration_change_checks,
    differences,
    normal_form,
    plan_checks,
    protection_change_checks,
)
from constructs_lib.review.access_change_checks import AccessChange, NonDefaultVersions
from constructs_lib.review.access_comparison import Accesses, joined
from constructs_lib.review.affected import Affected
from constructs_lib.review.attachments import AttachmentChange, Attachments
from constructs_lib.review.backup_change_checks import BackupChange, FirstBackup
from constructs_lib.review.edits import Documents, edits
from constructs_lib.review.loading import other_changes
from constructs_lib.review.loading.json_text import pointer
from constructs_lib.review.loading.provider_arguments import PROVIDER_CONFIGURATION
from constructs_lib.review.loading.resource import (
    Drift,
    Input,
    LoadedResource,
    ModuleChange,
    OtherChange,
    SourceFate,
    Surrounding,
    SurroundingChange,
    UnreadModule,
)
from constructs_lib.review.loading.unseen import beside_props
from constructs_lib.review.pairing import Pair, pairs
from constructs_lib.review.protection import Protections
from constructs_lib.review.recovery_comparison import Recoveries
from constructs_lib.review.report import (
    AccessReview,
    Acknowledgement,
    Action,
    Report,
    ResourceReview,
    ReviewFinding,
    SourceLocation,
    StackReview,
    told_once,
)
from constructs_lib.review.versions import (
    KnownPolicies,
    Version,
    VersionsOfPolicy,
    fallback_on_destroy,
    is_new_document,
)
from constructs_lib.tokens import is_token, known

Track = Callable[[Sequence[Pair]], Iterable[Pair]]
_OF_ACCESS = (
    "Only these policies are looked at: not what else is attached to a user, group or role, nor control "
    "policies, session policies or policies of resources.",
    "Names of dangerous actions are those of a catalogue: what is not in it may be dangerous as well.",
)


def review(
    given: Input,
    *,
    at: int,
    zone: str = DEFAULT_ZONE,
    approve: Iterable[str] = (),
    fail_on_old: bool = False,
    track: Track = iter,
) -> Report:
    """Review what was read.

    * `at`: when the change is taken to happen, UNIX seconds. `zone`: of cron times and of all times printed.
    * `approve`: the deltas that are accepted.
    * `fail_on_old`: also look for findings of resources that do not change.
    * `track`: is given all pairs and gives them back one by one, such as a progress bar.

    Takes time in proportion to the policies that change; equal ones are simulated once.
    """
    approvals = frozenset(approve)
    all_pairs = pairs(given)
    policies = KnownPolicies.of(all_pairs, given.old)
    reviewer = _Reviewer(
        given,
        policies,
        Attachments.of(given, policies),
        Protections(given, all_pairs),
        Recoveries(at, zone),
        Accesses(),
        approvals,
        fail_on_old,
    )
    resources = [reviewer.review(pair) for pair in track(all_pairs)]
    around: list[ModuleChange | SurroundingChange] = [*given.modules, *given.surroundings]
    resources += [reviewer.review_other(change) for change in given.others]
    deltas = {resource.delta for resource in resources if resource.delta}
    deltas |= {differences.name_of(change.plain) for change in around}
    located, common = told_once(_with_lines(resources, given))
    location = SourceLocation(file=given.new.name, pointer="")
    is_new = None if given.old is None else True
    return Report(
        new=given.new.name,
        old=None if given.old is None else given.old.name,
        at=at,
        zone=zone,
        stacks=StackReview.all_of(located),
        findings=(
            *(finding for change in around for finding in _review_around(change, approvals)),
            *(
                _review_finding(finding, location, is_new=is_new)
                for finding in (
                    *plan_checks.incomplete(given.incomplete),
                    *plan_checks.unrelated(given.unrelated),
                    *catalogue.unused_approval(approvals - deltas),
                )
            ),
        ),
        common=common,
        approvals=tuple(sorted(approvals & deltas)),
        assumptions=tuple(_assumptions(resources, all_pairs, given, fail_on_old)),
        unrelated=sum(given.unrelated.values()),
    )


def _assumptions(
    resources: Sequence[ResourceReview], all_pairs: Sequence[Pair], given: Input, fail_on_old: bool
) -> Iterator[str]:
    yield from given.new.notes
    if not fail_on_old and any(resource.action is Action.UNCHANGED for resource in resources):
        yield "Findings of resources that do not change are left out: --fail-on-old has them."
    if given.old is None:
        yield "There is nothing to compare with: every resource counts as added."
    if any(new.refers_to for old, new in all_pairs if new is not None and new is not old):
        yield "What Terraform fills in is unknown, and the same where all behind it is: the plan knows more."
    if any(resource.access for resource in resources):
        yield from _OF_ACCESS
    recoveries = [resource.recovery for resource in resources if resource.recovery]
    counted = Counter(line for recovery in recoveries for line in recovery.assumptions)
    yield from (line for line, count in counted.items() if count == len(recoveries))


@frozen
class _Reviewer:
    given: Input
    policies: KnownPolicies
    attachments: Attachments
    protections: Protections
    recoveries: Recoveries
    accesses: Accesses
    approvals: frozenset[str]
    fail_on_old: bool

    def review(self, pair: Pair) -> ResourceReview:
        """One resource, its findings not yet with their lines."""
        old, new, shown = pair.old, pair.new, pair.shown
        is_changed, policies = pair.is_changed, self.policies.of_pair(pair)
        drift = self.given.drift.get((shown.stack, shown.address))
        delta = self._delta(pair, policies, drift)
        review = ResourceReview(
            stack=shown.stack,
            address=shown.address,
            kind=shown.kind,
            action=pair.action,
            name=shown.policy_name,
            location=_location(shown, ""),
            old_address=old.address if old and new and old.address != new.address else None,
            construct_path=shown.construct_path,
            source=shown.source,
            differences=tuple(differences.differences(old, new)) if old and new and is_changed else (),
            delta=delta,
            is_approved=delta in self.approvals,
        )
        changes: list[Finding] = []
        if is_changed and shown.kind is ResourceKind.BACKUP_POLICY:
            review, changes = self._backup_policy(review, old, new)
        elif is_changed:
            review, changes = self._policy_version(review, pair, policies)
        if pair.is_recreated:
            changes += catalogue.recreated(pair)
        changes += self._of_configuration(pair)
        changes += self._of_plan(pair, review, drift)
        is_new = None if self.given.old is None else True
        findings = [self._about_change(review, finding, shown, is_new) for finding in changes]
        findings += self._of_policies(review, pair, policies, is_new)
        if new is not None and (is_changed or self.given.old is None or self.fail_on_old):
            beside = list(_of_limit(pair, policies))
            acknowledgements, own = _own_findings(new, old, beside, has_old=self.given.old is not None)
            review = evolve(review, acknowledgements=acknowledgements)
            findings += [finding for finding in own if not _is_far_off(finding, pair, policies)]
        findings.sort(key=lambda finding: (not finding.is_open, -finding.level.rank))
        assumptions = review.recovery.assumptions if review.recovery else ()
        return evolve(review, findings=tuple(findings), assumptions=assumptions)

    def _delta(self, pair: Pair, policies: Sequence[VersionsOfPolicy], drift: Drift | None) -> str | None:
        """The name of the change, with all that its verdict rests on; None where there is none."""
        change = self.given.configuration.get((pair.shown.stack, pair.shown.address))
        unguarded = change.unguarded if change else ()
        if pair.action is Action.UNCHANGED and drift is None and not unguarded:
            return None
        rests_on = [_compared_documents(policy, pair) for policy in policies]
        rests_on += filter(None, map(self.attachments.holders, policies))
        rests_on += filter(None, [pair.old and fallback_on_destroy(pair.old)])
        rests_on += [[each.label, each.parts] for each in self.protections.bound_to(pair.old)]
        rests_on += [side and side.body.get("lifecycle") for side in pair] if unguarded else []
        if self.given.unseen.get((pair.shown.stack, pair.shown.address)):
            rests_on += _beside_props(*pair)
        if drift is not None and drift.unseen:
            sides = drift.old, drift.new
            rests_on += [*drift.unseen, *_beside_props(*sides)]
            rests_on += [side and side.attributes.get("default_version") for side in sides]
        return differences.delta(pair.old, pair.new, *rests_on, *(drift.forms if drift else ()))

    def _of_configuration(self, pair: Pair) -> Iterator[Finding]:
        """What only the configuration tells of a change."""
        yield from configuration_change_checks.forgotten(pair.action is Action.FORGOTTEN)
        if pair.old is not None and pair.new is not None:
            sides = pair.old.acknowledge, pair.new.acknowledge
            yield from configuration_change_checks.acknowledged_otherwise(sides)
        change = self.given.configuration.get((pair.shown.stack, pair.shown.address))
        for check in configuration_change_checks.CHECKS if change else ():
            yield from check(change)

    def _of_plan(self, pair: Pair, review: ResourceReview, drift: Drift | None) -> Iterator[Finding]:
        """What the plan says of a resource beside its change."""
        reasons = self.given.unseen.get((review.stack, review.address))
        yield from plan_checks.not_shown(reasons or ())
        is_same = pair.old is not None and pair.new is not None and not review.differences
        yield from plan_checks.of_no_concern(is_same and reasons == ())
        if drift is not None:
            after = pair.new.form_text if pair.new and review.action is not Action.UNCHANGED else None
            is_put_back = drift.old is not None and drift.new is not None and drift.old.form_text == after
            change = plan_checks.DriftOfPolicy(drift, is_put_back and not drift.unseen)
            yield from (*plan_checks.drifted(change), *plan_checks.drift_put_back(change))

    def _backup_policy(
        self, review: ResourceReview, old: LoadedResource | None, new: LoadedResource | None
    ) -> tuple[ResourceReview, list[Finding]]:
        before = old.props if old and isinstance(old.props, BackupPolicyProps) else None
        after = new.props if new and isinstance(new.props, BackupPolicyProps) else None
        origins = rule_origins(*(side.identified_rules if side else () for side in (old, new)))
        recovery = self.recoveries.review(before, after, origins)
        review = evolve(review, recovery=recovery, edits=edits(old, new, self.recoveries.zone))
        if before is None:
            assert after is not None
            assert recovery.after is not None
            created = FirstBackup(after, recovery.after, self.recoveries.at, self.recoveries.zone)
            checks = backup_change_checks.CHECKS_OF_CREATED
            return review, [finding for check in checks for finding in check(created)]
        bound = self.protections.bound_to(old)
        beside = self._beside(old, new) if old and new else []
        change = BackupChange(
            before=before,
            after=after,
            action=review.action,
            recovery=recovery,
            origins=origins,
            at=self.recoveries.at,
            zone=self.recoveries.zone,
            beside=[each.props for each in beside if isinstance(each.props, BackupPolicyProps)],
            bound=[
                (each.props, source_type, ids)
                for each in (*beside, *([new] if new else ()))
                if isinstance(each.props, BackupPolicyProps)
                for source_type, ids in self.protections.whole_sources(each).items()
            ],
            sources=sorted({each.label for each in bound}),
            unprotected=sorted(
                {each.label for each in bound if not self.protections.is_protected_after(each)}
            ),
        )
        findings = [finding for check in backup_change_checks.CHECKS for finding in check(change)]
        is_less = backup_change_checks.protects_less(findings)
        loses = [each for each in bound if is_less or not self.protections.is_protected_after(each)]
        return evolve(review, loses=tuple(each.affected for each in loses)), findings

    def _beside(self, old: LoadedResource, new: LoadedResource) -> list[LoadedResource]:
        """The other backup policies after the change, where rules choose sources."""
        if '"rule_type":"TAG"' not in old.form_text:
            return []
        return [
            resource
            for resource in self.given.new.resources
            if isinstance(resource.props, BackupPolicyProps)
            and resource is not new
            and resource.stack == new.stack
            and _is_certain_beside(resource, new)
        ]

    def _policy_version(
        self, review: ResourceReview, pair: Pair, policies: Sequence[VersionsOfPolicy]
    ) -> tuple[ResourceReview, list[Finding]]:
        before, after = (
            side.props if side and isinstance(side.props, PolicyVersionProps) else None for side in pair
        )
        access = self._access(pair, after, policies)
        leaving = [policy for policy in policies if id(pair) in policy.gives_up]
        change = AccessChange(
            before=before,
            after=after,
            action=review.action,
            access=access or AccessReview(verdict=Verdict.EQUIVALENT),
            is_new_document=pair.new is not None and is_new_document(*pair),
            is_whole_policy=(pair.old or pair.shown).type.is_whole_policy,
            gives_up_default=bool(leaving),
            takes_over=next((p.after.version.label for p in leaving if p.after.version), None),
            meanwhile=fallback_on_destroy(pair.old) if pair.old else None,
            is_default_unknown=any(
                side.unknown for policy in policies for side in (policy.before, policy.after)
            ),
            is_staging_open=pair.shown.is_applied and pair.shown.is_staging_written is None,
        )
        findings = [finding for check in access_change_checks.CHECKS for finding in check(change)]
        shown = _edited_documents(pair, policies)
        review = evolve(review, edits=edits(pair.old, pair.new, self.recoveries.zone, shown))
        decided = [policy for policy in policies if policy.reported_at is pair and policy.is_changed]
        gains = [each for policy in decided for each in self.attachments.gaining(policy, access)]
        return evolve(review, access=access, gains=tuple(gains)), findings

    def _access(
        self, pair: Pair, after: PolicyVersionProps | None, policies: Sequence[VersionsOfPolicy]
    ) -> AccessReview | None:
        """What becomes of the access that its policies give; of a staged version, as if it were the default.

        None where another resource says it.
        """
        decided = [
            self._access_of_policy(policy, pair)
            for policy in policies
            if policy.is_changed and policy.reported_at is pair
        ]
        if decided:
            return joined(decided)
        if after is None or not policies or any(id(pair) in policy.gives_up for policy in policies):
            return None
        if not is_new_document(*pair) or pair.shown.type.is_whole_policy:
            return AccessReview(verdict=Verdict.EQUIVALENT)
        other = policies[0].after.version or policies[0].before.version
        own = pair.old.props if pair.old and isinstance(pair.old.props, PolicyVersionProps) else None
        return self.accesses.review(
            other.props if other else own,
            after,
            against=_other_label(other, pair),
            takes_effect=None if is_token(after.set_as_default) else bool(after.set_as_default),
        )

    def _access_of_policy(self, policy: VersionsOfPolicy, pair: Pair) -> AccessReview:
        before, after = policy.before.version, policy.after.version
        reasons = [side.unknown for side in (policy.before, policy.after) if side.unknown]
        return self.accesses.review(
            before.props if before else None,
            after.props if after else None,
            against=_other_label(before, pair),
            unknown="; ".join(reasons) or None,
        )

    def _of_policies(
        self, review: ResourceReview, pair: Pair, policies: Sequence[VersionsOfPolicy], is_new: bool | None
    ) -> Iterator[ReviewFinding]:
        """What is said once for a policy, at the resource that decides what takes effect of it."""
        for policy in policies:
            if policy.reported_at is not pair:
                continue
            findings = [finding for check in access_change_checks.OF_POLICIES for finding in check(policy)]
            if review.access and review.access.is_changed:
                findings += attachments.holders_named(self.attachments.holders(policy))
            for finding in findings:
                yield self._about_change(review, finding, pair.shown, is_new)
            others = NonDefaultVersions.of(policy)
            for other_check in access_change_checks.OF_OTHER_VERSIONS if others else ():
                gives_back = other_check is access_change_checks.non_default_gives_back
                is_of_change = gives_back or policy.before.version is None
                for finding in other_check(others):
                    yield self._about_change(review, finding, pair.shown, is_of_change)

    def review_other(self, change: OtherChange) -> ResourceReview:
        """The change of a resource that is no policy."""
        verdict = protection_change_checks.judge(change, self.protections, self.recoveries)
        change = evolve(change, fate=verdict.fate) if verdict else change
        if self.attachments.keeps_policy(change):
            change = evolve(change, fate=SourceFate(harmless="the policy is the same as before"))
        place = [change.type_name, change.stack, change.address, change.action, change.is_drift]
        attached = [] if change.fate else list(self.attachments.changes(change, self.accesses))
        rests_on = [*self.attachments.rests_on(change), *(each.reported_at for each in attached)]
        rests_on += verdict.source.forms if verdict else ()
        delta = differences.name_of([*place, change.before, change.after, *rests_on])
        location = SourceLocation(file=change.file, pointer=pointer(change.parts))
        findings = [
            *(finding for check in other_changes.CHECKS for finding in check(change)),
            *(finding for each in attached for finding in _of_attachment(each)),
            *(protection_change_checks.findings(verdict) if verdict else ()),
            *configuration_change_checks.forgotten(change.action is Action.FORGOTTEN),
        ]
        is_new = None if self.given.old is None else True
        accesses = [each.access for each in attached if not each.reported_at]
        return ResourceReview(
            stack=change.stack,
            address=change.address,
            kind=ResourceKind.OTHER,
            action=change.action,
            name="",
            location=location,
            edits=other_changes.edits(change),
            differences=tuple(other_changes.differences(change)),
            findings=tuple(
                _review_finding(finding, location, is_new=is_new, is_approved=delta in self.approvals)
                for finding in sorted(findings, key=lambda each: -catalogue.level_of(each.code).rank)
            ),
            delta=delta,
            is_approved=delta in self.approvals,
            access=joined(accesses) if accesses else None,
            gains=tuple(Affected(each.who, each.account) for each in attached if each.gives_access),
            loses=tuple(self._losing(change, verdict)),
        )

    def _losing(
        self, change: OtherChange, verdict: protection_change_checks.SourceVerdict | None
    ) -> Iterator[Affected]:
        """The source that a binding or backup plan protects less, or may."""
        if verdict is not None:
            if verdict.source.before and protection_change_checks.loses(verdict):
                yield verdict.source.before.affected
        elif (
            other_changes.is_protection(change.type_name)
            and change.before is not None
            and change.action is not Action.FORGOTTEN
            and not other_changes.is_harmless(change)
        ):
            yield Affected(f"what {change.address} protects", change.stack)

    def _about_change(
        self, review: ResourceReview, finding: Finding, shown: LoadedResource, is_new: bool | None
    ) -> ReviewFinding:
        location = _location(shown, finding.path)
        return _review_finding(finding, location, is_new=is_new, is_approved=review.is_approved)


def _edited_documents(pair: Pair, policies: Sequence[VersionsOfPolicy]) -> Documents | None:
    """The documents to show side by side, where they are not those of the resource: what takes effect, or for
    a new version that does not, the default version and the new one."""
    for policy in policies:
        before, after = policy.before.version, policy.after.version
        if policy.is_changed and policy.reported_at is pair:
            sides = [version.resource if version else None for version in (before, after)]
            if sides == [pair.old, pair.new]:
                return None
            props = [version.props if version else None for version in (before, after)]
            return Documents(props[0], props[1], takes_effect=True)
    default = policies[0].after.version or policies[0].before.version if policies else None
    if pair.old is None and pair.new is not None and default is not None:
        return Documents(default.props, pair.new.props, takes_effect=False)
    return None


def _of_attachment(change: AttachmentChange) -> Iterator[Finding]:
    """What an attachment means; the risks of a policy that is new are told where it is created."""
    for check in attachments.CHECKS:
        yield from check(change)
    for opens in (access_change_checks.critical_risk, access_change_checks.high_risk):
        if not change.reported_at:
            yield from (evolve(finding, path="") for finding in opens(change))


def _is_certain_beside(other: LoadedResource, resource: LoadedResource) -> bool:
    """Whether it is certain that another policy is there, as it is written, in the same account and region.

    Of a plan, a vault that both use tells it: its id is of one account and region.
    """
    if other.is_applied:
        return '"vault_id":"' in other.form_text
    names = ("provider", PROVIDER_CONFIGURATION)
    places = ([side.settings.get(name) for name in names] for side in (other, resource))
    return other.settings.keys() <= {*names} and len({normal_form.text(place) for place in places}) == 1


def _other_label(version: Version | None, pair: Pair) -> str | None:
    """The label of a version that is another one than the old side of the resource."""
    is_own = version is not None and version.resource is not None and version.resource is pair.old
    return version.label if version and not is_own else None


def _compared_documents(policy: VersionsOfPolicy, pair: Pair) -> object:
    """All documents that what is said of a policy rests on, beside those of the resource itself."""
    versions = [side.version for side in (policy.before, policy.after)]
    others = policy.non_default if policy.reported_at is pair else ()
    documents = [
        version and [version.label, normal_form.document(version.props)] for version in (*versions, *others)
    ]
    return [documents, policy.before.unknown, policy.after.unknown, policy.claims]


def _review_around(
    change: ModuleChange | SurroundingChange, approvals: frozenset[str]
) -> list[ReviewFinding]:
    delta = differences.name_of(change.plain)
    if isinstance(change, ModuleChange):
        place: UnreadModule | Surrounding = change.module
        findings = [f for check in configuration_change_checks.OF_MODULES for f in check((change, delta))]
    else:
        place = change.shown
        findings = [
            f for check in configuration_change_checks.OF_SURROUNDINGS for f in check((change, delta))
        ]
    location = SourceLocation(file=place.file, pointer=pointer(place.parts))
    return [
        _review_finding(finding, location, is_new=True, is_approved=delta in approvals)
        for finding in findings
    ]


# ------------------------------------------------------------ findings of the resource as it is


def _check(resource: LoadedResource) -> list[Finding]:
    props, others = resource.props, resource.type.checks
    if isinstance(props, BackupPolicyProps):
        place = resource.settings.get("provider")
        region = known(place.get("region"), str) if isinstance(place, Mapping) else None
        return check_backup_policy(props, backup_checks.CHECKS + others, region)
    # In configuration every expression looks as if someone wrote it: CDKTF's tokens are resolved.
    passed_over = {left_to_terraform.code}
    if resource.is_applied:
        passed_over = set() if resource.is_staging_written is False else {staged_by_default.code}
    return [finding for finding in check_policy_version(props, others) if finding.code not in passed_over]


def _of_limit(pair: Pair, policies: Sequence[VersionsOfPolicy]) -> Iterator[Finding]:
    """What counting the versions of a policy tells of a new one; nobody counts for the official provider."""
    props = pair.new.props if pair.new and not pair.new.type.is_whole_policy else None
    for policy in policies:
        if id(pair) in policy.creators and isinstance(props, PolicyVersionProps):
            how_full = f", and policy {policy.name} gets more than {ram_plan_checks.MAX_VERSIONS} versions"
            refusal = ram_plan_checks.refusal(props.rotate_strategy, how_full)
            yield from ram_plan_checks.sixth_version.report(refusal)


def _own_findings(
    new: LoadedResource, old: LoadedResource | None, beside: Sequence[Finding], *, has_old: bool
) -> tuple[tuple[Acknowledgement, ...], list[ReviewFinding]]:
    """What the checks say of a resource, and what is known `beside` it."""
    findings = [*_check(new), *beside]
    known_before = set(_check(old)) if old and findings else set()
    counts = Counter(finding.code for finding in findings)
    reasons = {code: reason for code, reason in new.acknowledge.items() if _can_acknowledge(code, reason)}
    reviewed = [
        _review_finding(
            finding,
            _location(new, finding.path),
            is_new=finding not in known_before if has_old else None,
            reason=reasons.get(finding.code),
        )
        for finding in findings
    ]
    used = sorted(code for code in reasons if counts[code])
    location = _location(new, "acknowledge")
    if new.commented:
        location = evolve(location, pointer=pointer((*new.parts, "//", "alipolicy", "acknowledge")))
    unused = {code for code, reason in new.acknowledge.items() if not is_token(reason)} - {*used}
    reviewed += [
        _review_finding(finding, location, is_new=True if has_old else None)
        for finding in catalogue.unused_acknowledgement(frozenset(unused - _REPORTED_ELSEWHERE))
    ]
    acknowledged = (Acknowledgement(code=code, reason=reasons[code], findings=counts[code]) for code in used)
    return tuple(acknowledged), reviewed


def _beside_props(*sides: LoadedResource | None) -> Iterator[object]:
    """What the forms of resources do not have."""
    for side in sides:
        yield side and beside_props(side.type, side.attributes, is_applied=side.is_applied)


def _is_far_off(finding: ReviewFinding, pair: Pair, policies: Sequence[VersionsOfPolicy]) -> bool:
    """Whether it is about the last version of a policy that stays as it is, and has only one version here."""
    is_of_limit = finding.code == sixth_version.code and finding.is_open and pair.old is not None
    return is_of_limit and not pair.is_changed and not any(policy.non_default for policy in policies)


# What a synthesis or a plan may report, and a review of the same may not: it knows no time zone, of
# configuration neither the region nor who wrote an expression, and not all versions of a policy.
_REPORTED_ELSEWHERE = frozenset(
    each.code
    for each in (
        copies_in_own_region,
        moved_by_clock_changes,
        left_to_terraform,
        protects_nothing,
        *ram_plan_checks.CHECKS,
    )
)


def _can_acknowledge(code: str, reason: str) -> bool:
    """Whether a stack may set findings of a code aside, and says why."""
    return (
        not is_token(reason)
        and code in catalogue.CHECKS
        and can_be_acknowledged(code)
        and bool(reason.strip())
    )


def _location(resource: LoadedResource, path: str) -> SourceLocation:
    return SourceLocation(file=resource.file, pointer=resource.pointer(path))


def _review_finding(
    finding: Finding,
    location: SourceLocation,
    *,
    is_new: bool | None,
    reason: str | None = None,
    is_approved: bool = False,
) -> ReviewFinding:
    return ReviewFinding(
        code=finding.code,
        level=catalogue.level_of(finding.code),
        title=catalogue.CHECKS[finding.code].title,
        path=finding.path,
        received=finding.received,
        allowed=finding.allowed,
        hint=finding.hint,
        location=location,
        is_new=is_new,
        reason=reason,
        is_approved=is_approved,
    )


# ------------------------------------------------------------ lines and columns


def _with_lines(resources: Sequence[ResourceReview], given: Input) -> list[ResourceReview]:
    """The same, with the line and column of every location: one walk over each file."""
    wanted: dict[str, set[str]] = {}
    for resource in resources:
        for location in (resource.location, *(finding.location for finding in resource.findings)):
            wanted.setdefault(location.file, set()).add(location.pointer)
    texts = {**(given.old.texts if given.old else {}), **given.new.texts}
    lines = {file: texts[file].positions(sorted(pointers)) for file, pointers in wanted.items()}

    def located(location: SourceLocation) -> SourceLocation:
        line, column = lines[location.file][location.pointer]
        return evolve(location, line=line, column=column)

    return [
        evolve(
            resource,
            location=located(resource.location),
            findings=tuple(evolve(each, location=located(each.location)) for each in resource.findings),
        )
        for resource in resources
    ]
