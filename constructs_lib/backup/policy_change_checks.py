"""What the change of a backup policy takes away, as its rules alone tell: said in a plan and in a review."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from attrs import frozen

from constructs_lib.backup.effective_retention import keeps_as_long, newest_let_go, shortened
from constructs_lib.backup.policy import BackupPolicyProps
from constructs_lib.backup.policy_view import BackupPolicyView, RuleAt, is_set
from constructs_lib.backup.rule import BackupPolicyRule, RuleType
from constructs_lib.backup.source_selection import Selection, not_covered, selections
from constructs_lib.findings import Phrase, Problem, Problems, check, checks_of, plural
from constructs_lib.tokens import is_token

PAGE = "Cloud Backup, CreatePolicyV2 (2017-09-08), request parameters"


@frozen(kw_only=True, eq=False)
class RulesChange:
    """A backup policy that is there before and after, or was.

    * `after`: None where it is removed. `origins`: which rule was which, as `rule_origins` tells.
    """

    before: BackupPolicyProps
    after: BackupPolicyProps | None
    origins: Mapping[str, str]

    @cached_property
    def policies(self) -> tuple[BackupPolicyView, BackupPolicyView]:
        """The policy before and after; one without rules where it is removed."""
        return BackupPolicyView.of(self.before), BackupPolicyView.of(
            self.after or BackupPolicyProps(rules=[])
        )

    def rules(self, kind: RuleType) -> tuple[list[RuleAt], list[RuleAt]]:
        """The rules of a type before and after, with their places."""
        old, new = self.policies
        return old.of_type(kind), new.of_type(kind)

    def pairs(self, kind: RuleType) -> Iterator[tuple[str, BackupPolicyRule, BackupPolicyRule]]:
        """The rules of a type that both sides have: the place of the new one, the old one, the new one."""
        old, new = (dict(rules) for rules in self.rules(kind))
        for path, was in self.origins.items():
            if path in new and was in old:
                yield path, old[was], new[path]

    @cached_property
    def lost_selections(self) -> list[Selection]:
        """What TAG rules chose, and of which no TAG rule chooses all for certain any more.

        Other policies count where they do the same with what they choose.
        """
        if self.after is None:
            return []
        old, new = self.policies
        lost = not_covered(selections(old), selections(new))
        return not_covered(lost, self.selections_beside()) if lost else []

    def selections_beside(self) -> Iterable[Selection]:
        """What other policies choose, and do the same with; a plan of one policy sees none."""
        return ()

    @property
    def can_count(self) -> bool:
        """Whether the rules of both sides are known, and there are both sides."""
        old, new = self.policies
        return self.after is not None and old.can_count and new.can_count


@check("RV201", "A retention is shortened", source=PAGE)
def retention_shortened(change: RulesChange) -> Problems:
    """Fewer days than before: backups, or copies, are deleted sooner. A TRANSITION retention overrides
    that of BACKUP rules, which are not looked at then."""
    for was, now in shortened(*change.policies, change.origins):
        is_gone = was.keeps.startswith("the first") and not now.keeps.startswith("the first")
        days = "no retention of its own" if is_gone else plural(now.days, "day")
        received = Phrase(
            f"{days} for {was.keeps if is_gone else now.keeps}, before {plural(was.days, 'day')}"
        )
        yield Problem(now.path, received, f"{was.days} days or more", "Keep it, or approve the change.")


@check("RV204", "A rule is removed", source=PAGE)
def rule_removed(change: RulesChange) -> Problems:
    """A policy has fewer rules of a type than before. REPLICATION has a code of its own. A TAG rule counts
    where what it chose may not be chosen any more, a TRANSITION rule where it archived, or where the others
    do not keep backups for as long."""
    if not change.can_count:
        return
    for kind in RuleType:
        old, new = change.rules(kind)
        if kind is RuleType.TAG and not change.lost_selections:
            continue  # whatever they chose is chosen still
        archives = any(is_set(rule.archive_days) for _, rule in old)
        if kind is RuleType.TRANSITION and not archives and keeps_as_long(*change.policies, change.origins):
            continue
        if kind is not RuleType.REPLICATION and len(new) < len(old):
            received = Phrase(f"{plural(len(new), f'{kind} rule')}, before {len(old)}")
            yield Problem("rules", received, f"{len(old)} {kind} rules", "Keep it, or approve the change.")


@check("RV205", "A replication is lost", source=PAGE)
def replication_lost(change: RulesChange) -> Problems:
    """No rule copies backups to a region any more that one did before, or it is not known whether one
    does."""
    if not change.can_count:
        return
    old, new = change.rules(RuleType.REPLICATION)
    left = [rule.replication_region_id for _, rule in new]
    is_open = any(is_token(region) for region in left)
    for _, rule in old:
        region = rule.replication_region_id
        if region and str(region) not in map(str, left):
            name = "a region that is not known here" if is_token(region) else region
            certainty = "it is not known whether there are still" if is_open else "no"
            received = Phrase(f"{certainty} copies in {name}{'' if is_open else ' any more'}")
            yield Problem(
                "rules", received, f"a REPLICATION rule to {name}", "Keep it, or approve the change."
            )


@check("RV206", "Backups are not locked any more", source=PAGE)
def lock_removed(change: RulesChange) -> Problems:
    """`immutable` was on and is off: backups can be deleted before their time."""
    if not change.can_count:
        return
    for kind in RuleType:
        old, new = change.rules(kind)
        if not any(rule.immutable is True for _, rule in old):
            continue
        if not any(is_set(rule.immutable) for _, rule in new):
            path = f"{new[0][0]}.immutable" if new else "rules"
            received = Phrase(f"immutable is off in {kind} rules, before on")
            yield Problem(path, received, "immutable on", "Keep it on, or approve the change.")


@check("RV261", "A source may lose its protection", source=PAGE)
def sources_narrowed(change: RulesChange) -> Problems:
    """TAG rules choose what is backed up. It is not proven that each source that they chose is chosen still,
    by one of them or by a TAG rule of another policy that does the same: another tag or value, one filter
    more, another source type, ids where all were meant, or another account scope or an account less."""
    places = {was: path for path, was in change.origins.items()}
    for path in dict.fromkeys(each.path for each in change.lost_selections):
        received = Phrase(f"what {path} chose before may not be chosen any more")
        hint = "Check which sources are chosen now, or approve the change."
        yield Problem(places.get(path, "rules"), received, "everything that was chosen", hint)


@check("RV301", "The newest backup is not kept forever any more", source=PAGE)
def newest_not_kept(change: RulesChange) -> Problems:
    """`keep_latest_snapshots` was 1: when backups stop for some reason, the last one now goes, too."""
    for keeps, place in newest_let_go(*change.policies):
        received = Phrase(f"it is off for {keeps}, before on")
        yield Problem(place, received, "1", "Keep it on, or approve the change.")


@check("RV303", "Backups go into another vault", source=PAGE)
def other_vault(change: RulesChange) -> Problems:
    """Existing backups stay in the old vault; they are not moved."""
    for path, before, after in (pair for kind in RuleType for pair in change.pairs(kind)):
        was, now = before.vault_id or None, after.vault_id or None
        if was != now:
            received = Phrase(f"{_vault(now)}, before {_vault(was)}")
            yield Problem(
                f"{path}.vault_id", received, "the same vault", "Keep the old vault while it is needed."
            )


def _vault(vault: object) -> str:
    if vault is None:
        return "no vault"
    if not is_token(vault):
        return str(vault)
    is_of_resource = isinstance(vault, str) and vault.endswith(".id}")
    return f"{vault if is_of_resource else 'a vault'} that Terraform knows only later"


CHECKS = checks_of(globals())
"""Every check of what a change takes away, by code."""
