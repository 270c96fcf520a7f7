"""From what was found to an app that has it: what is new is written, and nothing else is touched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from attrs import frozen

from constructs_lib.adopt.app import AdoptedApp
from constructs_lib.adopt.estate import AdoptFinding, Estate, EstateKind, EstateObject
from constructs_lib.adopt.props import Deployment
from constructs_lib.adopt.writing import Writer


@frozen
class Adoption:
    """What was adopted by one run, as code or as comments, and what a person has to know."""

    new: tuple[EstateObject, ...]
    findings: tuple[AdoptFinding, ...]


def adopt_estate(app: AdoptedApp, estate: Estate) -> Adoption:
    """Add to the app what it does not have yet. AdoptError: it cannot be added; then nothing is written."""
    region, account = app.choose_place(estate)
    known = app.find_known()
    unknown = [each for each in estate.objects if not {each.key, (None, each.key[1])} & known]
    made = _count_made(app, estate, {each.key for each in unknown})
    own = [each for each in unknown if made[each.kind, each.name] > 0]
    new = [each for each in unknown if made[each.kind, each.name] <= 0]
    names, ids = app.find_names()
    modules = {kind: module.known_modules for kind, module in app.modules.items()}
    writer = Writer(Deployment(app.target, region), names, ids, app.find_places(), modules)
    app.add(writer.write(new, estate.objects))
    adopted = {kind: {each.key[1] for each in estate.objects if each.kind is kind} for kind in EstateKind}
    app.save(adopted, region, account)
    reason = (
        "the app makes what is called so, and does not import it: write the import where it is another one"
    )
    told = [AdoptFinding("AD306", str(each), reason) for each in own]
    return Adoption(tuple(new), (*estate.findings, *told, *writer.findings))


def _count_made(
    app: AdoptedApp, estate: Estate, unknown: Collection[tuple[EstateKind, str]]
) -> Counter[tuple[EstateKind, str]]:
    """How many objects the app itself has made, as far as names tell: no second resource may manage them."""
    made, imported = app.count_made(), app.find_imported()
    for each in estate.objects:
        if each.key not in unknown and not {each.key, (None, each.key[1])} & imported:
            made[each.kind, each.name] -= 1  # it was adopted, and its import taken out
    return made
