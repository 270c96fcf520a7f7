"""The report as one HTML file: no network, no fonts, and nothing that needs a script to be read.

The verdict comes first, then a line for each policy, then the policies: pictures of what a backup policy
promises, the access that a policy version gives, findings, and what all this takes for granted.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from itertools import groupby

from attrs import field, frozen

from constructs_lib.backup.recovery import MovedPoint, Recovery
from constructs_lib.review import wording as words
from constructs_lib.review.render import charts as pictures
from constructs_lib.review.render.html_access import access_of
from constructs_lib.review.render.markup import Markup, element, joined, listing, table
from constructs_lib.review.report import (
    Action,
    Level,
    PointsReview,
    RecoveryReview,
    Report,
    ResourceReview,
    ReviewFinding,
)

MOST_OPEN = 12
"""So many policies are unfolded from the beginning; of more, none is."""
MOST_PICTURES = 100
"""So many different promises are drawn; the tables say the same of the others."""
MOST_DELETED = 25
"""So many deleted points are told one by one."""
_FINE = "✔"
# Losses that neither recovery points nor access tell of.
_NOT_YET_SAID = {"RV204", "RV205", "RV206", "RV207"}

_STYLE = Markup(files("constructs_lib.review.render").joinpath("html.css").read_text(encoding="utf-8"))
_SCRIPT = Markup(
    "const tools=document.querySelector('.tools');if(tools){tools.hidden=false;"
    "tools.addEventListener('click',event=>{const open=event.target.dataset.open;if(open)"
    "document.querySelectorAll('details.policy').forEach(one=>{one.open=open==='yes'})})}"
)


def render(report: Report) -> str:
    """The page. The same report gives the same bytes."""
    told = [one for one in report.resources() if one.action is not Action.UNCHANGED or one.findings]
    page = _Page(report, {id(one): f"p{number}" for number, one in enumerate(told, 1)})
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element("meta", http_equiv="Content-Security-Policy", content=_policy()),
        element("title", f"Review of {report.new}: {words.headline(report)}"),
        element("style", _STYLE),
    )
    body = element(
        "body",
        element("a", "Skip to the policies", href="#policies", class_="skip"),
        pictures.DEFINITIONS,
        page.header(),
        element("main", page.summary(told), *page.stacks(), id="policies", tabindex="-1"),
        page.footer(),
        element("script", _SCRIPT),
    )
    return f"<!doctype html>\n{element('html', head, body, lang='en')}\n"


def _policy() -> str:
    """What the page may load: its own style and script, and nothing else."""

    def hashed(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    return (
        f"default-src 'none'; style-src {hashed(_STYLE)}; script-src {hashed(_SCRIPT)}; "
        "base-uri 'none'; form-action 'none'"
    )


# ------------------------------------------------------------ the page


@frozen
class _Page:
    """What the parts of a page share: the report, the ids of its policies, and which promises are drawn."""

    report: Report
    ids: Mapping[int, str]
    drawn: dict[int, str] = field(factory=dict)

    def header(self) -> Markup:
        """The verdict, and what it is about."""
        report = self.report
        found = [words.plural(count, level) for level, count in report.counts.items() if count]
        sign, kind = (words.SIGNS[report.level], str(report.level)) if report.level else (_FINE, "fine")
        verdict = f"{sign} {', '.join(found) or 'Nothing to look at'}"
        done = [
            f"{count:,} {action}"
            for action, count in report.actions.items()
            if count and action is not Action.UNCHANGED
        ]
        against = (" against ", element("code", report.old)) if report.old else ()
        return element(
            "header",
            element("p", "Review of ", element("code", report.new), *against, class_="muted"),
            element("h1", verdict, class_=kind),
            _consequences(report),
            element(
                "p",
                f"{', '.join(done).capitalize() or 'No change'}; taken to happen on "
                f"{words.moment(report.at, report.zone)} ({report.zone}).",
                class_="about",
            ),
            _findings(report.findings) if report.findings else None,
        )

    def summary(self, told: list[ResourceReview]) -> Markup:
        """A line for each policy, the gravest first."""
        unchanged = [one for one in self.report.resources() if id(one) not in self.ids]
        ordered = sorted(told, key=_grade, reverse=True)
        rows = [
            (
                _level(one.level),
                joined([element("a", one.address, href=f"#{self.ids[id(one)]}"), element("small", one.name)]),
                f"{words.ACTION_SIGNS[one.action]} {one.action}",
                joined(element("small", part) if number else part for number, part in enumerate(_means(one))),
            )
            for one in ordered
        ]
        lines = table("summary stack", ("", "policy", "action", "what it means"), rows, limit=None)
        return element(
            "section",
            element("h2", "What changes"),
            element("div", lines, class_="panel") if rows else element("p", "Nothing."),
            _unchanged(unchanged) if unchanged else None,
        )

    def stacks(self) -> Iterator[Markup]:
        """The policies, stack by stack."""
        if len(self.ids) > 1:
            yield element(
                "p",
                element("button", "Unfold all", type="button", data_open="yes"),
                element("button", "Fold all", type="button", data_open="no"),
                class_="tools",
                hidden=True,
            )
        for stack in self.report.stacks:
            policies = [self.policy(one) for one in stack.resources if id(one) in self.ids]
            if policies:
                yield element("section", element("h2", f"Stack {stack.name}"), *policies)

    def policy(self, one: ResourceReview) -> Markup:
        """One policy, folded or not."""
        key = self.ids[id(one)]
        body = element("div", *self._body(one, key), class_="body", id=key, tabindex="-1")
        heading = element("h3", f"{words.ACTION_SIGNS[one.action]} ", element("code", one.address))
        aside = element("span", str(one.action), class_="muted")
        summary = element("summary", heading, aside, _level(one.level))
        return element("details", summary, body, class_="policy", open=len(self.ids) <= MOST_OPEN)

    def footer(self) -> Markup:
        """What holds for all policies."""
        return element(
            "footer",
            element("h2", "What this takes for granted") if self.report.assumptions else None,
            listing(self.report.assumptions) if self.report.assumptions else None,
        )

    def _body(self, one: ResourceReview, key: str) -> Iterator[Markup | None]:
        about: list[object] = [one.name, " · "] if one.name else []
        about.append(element("code", words.places(one)[0]))
        if one.construct_path:
            about += [" · ", element("code", one.construct_path)]
        if one.old_address:
            about += [" · was ", element("code", one.old_address)]
        yield element("p", *about, class_="muted")
        if one.recovery:
            yield from self._recovery(one.recovery, key)
        if one.access:
            yield from access_of(one.access)
        above = [item for item in one.findings if one.access and item.code in words.SHOWN_IN_FULL]
        others = [item for item in one.findings if item not in above]
        if others:
            yield element("h4", "Findings")
            yield _findings(others)
        if above:
            said = f"{words.plural(len(above), 'finding')} about the access told above"
            yield element("details", element("summary", said), _findings(above), class_="more")
        # What is new in a document is told above, in full.
        edits = [edit for edit in one.differences if not (one.access and edit[0] == "policy_document")]
        if edits:
            yield element("h4", "The edit")
            rows = [tuple(element("code", part) for part in edit) for edit in edits]
            yield table("stack", ("property", "before", "after"), rows)
        if one.acknowledgements:
            yield element("h4", "Acknowledged in the code")
            told = (
                joined([element("code", a.code), f" {words.plural(a.findings, 'finding')}: {a.reason}"])
                for a in one.acknowledgements
            )
            yield listing(told)
        own = [line for line in one.assumptions if line not in self.report.assumptions]
        if own:
            yield element(
                "details", element("summary", "What this takes for granted"), listing(own), class_="more"
            )
        if one.delta:
            yield element("h4", "Approved" if one.is_approved else "To accept exactly this change")
            yield element("p", element("code", f"--approve {one.delta}", class_="hash"))

    # -------------------------------------------------- recovery

    def _recovery(self, recovery: RecoveryReview, key: str) -> Iterator[Markup | None]:
        for number, points in enumerate(recovery.points):
            yield from self._points(points, recovery, f"{key}-{number}")
        for side, which in ((recovery.before, "old"), (recovery.after, "new")):
            for unknown in side.unknown if side else ():
                text = f"In the {which} policy {unknown}: what it promises cannot be told."
                yield element("p", f"{words.SIGNS[Level.WARNING]} {text}", class_="warning")
            if side and side.shortened:
                yield element("p", f"The {which} policy: {side.shortened}", class_="muted")
        shown = recovery.after or recovery.before
        if shown and shown.starts:
            yield element("h4", "Schedule")
            yield listing(_starts(shown))

    def _points(self, points: PointsReview, recovery: RecoveryReview, key: str) -> Iterator[Markup | None]:
        if not points.steps:
            return
        subject = words.subject(points)
        yield element("h4", f"{subject[:1].upper()}{subject[1:]}")
        kept = words.kept(points)
        if kept:
            yield element("p", f"{kept[:1].upper()}{kept[1:]}.", class_="muted")
        told = words.deletions(points, self.report.at, self.report.zone)
        lost = element("p", f"{told}.") if told else None
        deletions = element("h4", "What the change deletes, and when") if told else None
        ladder = _ladder(points, recovery)
        if id(points) in self.drawn:
            link = element("a", "drawn above", href=f"#{self.drawn[id(points)]}")
            yield element("p", "The same promise is ", link, ".", class_="muted")
            yield from (ladder, deletions, lost)
            return
        scene = pictures.Scene.of(points, self.report.zone)
        if len(self.drawn) >= MOST_PICTURES:
            yield element("p", f"No picture: only {MOST_PICTURES} promises are drawn.", class_="muted")
        elif scene:
            self.drawn[id(points)] = key
            yield element("div", pictures.figures(scene, key), id=key)
        yield from (ladder, _kept(scene) if scene else None, deletions, lost)
        if told:
            yield _one_by_one(points, self.report)


# ------------------------------------------------------------ what changes, in short


def _grade(one: ResourceReview) -> tuple[int, bool]:
    return one.level.rank if one.level else -1, one.action is not Action.UNCHANGED


def _consequences(report: Report) -> Markup | None:
    """What the change means for access and recovery, over all policies."""
    accesses = [one.access for one in report.resources() if one.access]
    recoveries = [one.recovery for one in report.resources() if one.recovery and one.recovery.before]
    told: list[tuple[str, Level | None, str]] = []
    if accesses:
        undecided = sum(1 for one in accesses if one.undecided)
        gained = sum(1 for one in accesses if one.gained)
        risks = sum(len(one.risks) for one in accesses)
        parts = [f"new in {words.plural(gained, 'policy', 'policies')}"] if gained else []
        parts += [f"{words.plural(risks, 'risk')} opened"] if risks else []
        parts += [f"undecided in {words.plural(undecided, 'policy', 'policies')}"] if undecided else []
        level = Level.ERROR if risks or undecided else Level.WARNING if gained else None
        told.append(("Access", level, ", ".join(parts) or "nothing new"))
    if recoveries:
        points = [points for one in recoveries for points in one.points]
        sooner = sum(len(one.deleted_sooner) for one in points)
        at_once = sum(len(one.deleted_at_once(report.at)) for one in points)
        worse = sum(1 for one in recoveries if any(s.is_worse for points in one.points for s in points.steps))
        unknown = any(one.is_unknown for one in points)
        removed = sum(1 for one in recoveries if one.after is None)
        text = f"{sooner:,} deleted sooner, {at_once:,} at once" if sooner else "none deleted sooner"
        if removed:
            text = f"{words.plural(removed, 'policy', 'policies')} removed; {text}"
        told.append(("Existing recovery points", Level.ERROR if sooner or removed else None, text))
        text = f"worse in {words.plural(worse, 'policy', 'policies')}" if worse else "nowhere worse"
        told.append(("Worst case of a damage", Level.ERROR if worse else None, text))
        if unknown:
            told[-2:] = [
                (*one[:1], one[1] or Level.WARNING, f"{one[2]}, as far as known") for one in told[-2:]
            ]
    if not told:
        return None
    tiles = [
        element(
            "div",
            element("dt", name),
            element("dd", f"{words.SIGNS[level] if level else _FINE} {text}", class_=level or "fine"),
        )
        for name, level, text in told
    ]
    return element("dl", *tiles, class_="tiles")


def _means(one: ResourceReview) -> Iterator[str]:
    if one.is_approved:
        yield "approved"
    if one.access:
        yield words.verdict(one.access)
        if one.access.risks:
            yield f"{words.plural(len(one.access.risks), 'risk')} opened"
    if one.recovery and one.recovery.before and one.recovery.after:
        gone = sum(len(points.deleted_sooner) for points in one.recovery.points)
        if gone:
            yield f"{words.plural(gone, 'existing recovery point')} deleted sooner"
        steps = [step for points in one.recovery.points for step in points.steps]
        if any(step.is_worse for step in steps):
            yield "a damage may cost more"
        elif any(step.is_better for step in steps):
            yield "a damage costs less"
        elif not gone:
            yield "recovery as before"
    elif one.recovery and one.recovery.after:
        yield from filter(None, map(words.kept, one.recovery.points[:1]))
    graver = [finding for finding in one.findings if finding.is_open and finding.level is Level.ERROR]
    yield from dict.fromkeys(finding.title for finding in graver if finding.code in _NOT_YET_SAID)
    reported = dict.fromkeys(finding.code for finding in one.findings if finding.is_open)
    if reported:
        yield ", ".join(reported)


def _unchanged(resources: list[ResourceReview]) -> Markup:
    names = (element("code", f"{one.stack}: {one.address}") for one in resources[:1_000])
    said = f"{words.plural(len(resources), 'policy', 'policies')} unchanged, with nothing to say about"
    rest = len(resources) - 1_000
    return element(
        "details",
        element("summary", said),
        listing(names),
        element("p", f"and {rest:,} more") if rest > 0 else None,
        class_="more",
    )


def _level(level: Level | None) -> Markup:
    if level is None:
        return element("span", f"{_FINE} fine", class_="level fine")
    return element("span", f"{words.SIGNS[level]} {level}", class_=f"level {level}")


# ------------------------------------------------------------ findings


def _findings(findings: Iterable[ReviewFinding]) -> Markup:
    return element("ul", *[_finding(one) for one in findings], class_="findings plain")


def _finding(one: ReviewFinding) -> Markup:
    status = words.status(one)
    kind = str(one.level) if one.is_open else "muted"
    place = f"{one.location.file}:{one.location.line}:{one.location.column}"
    return element(
        "li",
        element(
            "p",
            element("span", f"{words.SIGNS[one.level]} {one.level} {one.code}", class_=f"level {kind}"),
            f" {one.title}",
            element("span", "new", class_="tag") if one.is_new and not one.is_about_change else None,
            element("span", status, class_="tag") if status == "approved" else None,
        ),
        element("p", words.sentence(one)),
        element("p", status) if status and status != "approved" else None,
        element("p", element("code", f"{place} {one.location.pointer}"), class_="muted"),
    )


# ------------------------------------------------------------ recovery


def _starts(recovery: Recovery) -> Iterator[Markup]:
    for start in recovery.starts:
        runs = ", ".join(f"{run:%a %Y-%m-%d %H:%M}" for run in start.next_runs[:3])
        ambiguities = f" Doubtful: {'; '.join(start.ambiguities).rstrip('.')}." if start.ambiguities else ""
        yield joined([element("code", start.path), f": {start.words}; next: {runs or 'never'}.{ambiguities}"])


def _ladder(points: PointsReview, recovery: RecoveryReview) -> Markup:
    """The worst case as a table: what the staircase shows."""
    if recovery.before is None or recovery.after is None:
        rows = [
            (words.age(one), words.length(one.after if recovery.after else one.before))
            for one in points.steps
        ]
        return table("narrow", ("if the damage is of", "you lose at most"), rows)
    compared = []
    for one in points.steps:
        told = element("span", "= same", class_="muted")
        if one.is_worse:
            told = element("span", "▲ worse", class_="level error")
        elif one.is_better:
            told = element("span", "▼ better", class_="level fine")
        compared.append((words.age(one), words.length(one.before), words.length(one.after), told))
    heads = ("if the damage is of", "you lose at most, before", "after", "that is")
    return table("narrow", heads, compared)


def _kept(scene: pictures.Scene) -> Markup:
    """The points as a table: what the first picture shows."""
    rows = []
    for lane in scene.lanes:
        oldest = words.length(scene.at - lane.after[0].time) if lane.after else "none"
        cells = [lane.label, f"{len(lane.after):,}", oldest]
        rows.append((cells[0], f"{len(lane.before):,}", *cells[1:]) if scene.is_change else tuple(cells))
    heads = ("kept is", *(("points before", "after") if scene.is_change else ("points",)), "the oldest is of")
    return element(
        "details", element("summary", "The points as a table"), table("narrow", heads, rows), class_="more"
    )


def _one_by_one(points: PointsReview, report: Report) -> Markup:
    """The existing points that a change deletes sooner; those that go at the same time are one row."""

    def times(one: MovedPoint) -> tuple[str, str]:
        is_at_once = one.after is not None and one.after <= report.at
        return words.moment(one.before, report.zone), (
            "at once" if is_at_once else words.moment(one.after, report.zone)
        )

    rows = []
    for (before, after), alike in groupby(points.deleted_sooner, key=times):
        members = list(alike)
        made = words.moment(members[0].time, report.zone)
        if len(members) > 1:
            made = f"{made} to {words.moment(members[-1].time, report.zone)} ({len(members):,})"
        rows.append((made, members[0].kept_by.keeps, before, after))
    found = table("stack", ("made", "kept as", "would have gone", "goes"), rows, MOST_DELETED)
    said = words.plural(len(points.deleted_sooner), "point")
    return element("details", element("summary", f"The {said} one by one"), found, class_="more")
