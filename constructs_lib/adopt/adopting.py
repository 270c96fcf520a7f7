"""From what was found to an app that has it: what is new is written, and nothing else is touched."""

from __future__ import annotations

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
    new = [each for each in estate.objects if not {each.key, (None, each.key[1])} & known]
    names, ids = app.find_names()
    modules = {kind: module.known_modules for kind, module in app.modules.items()}
    writer = Writer(Deployment(app.target, region), names, ids, app.find_places(), modules)
    app.add(writer.write(new, estate.objects))
    adopted = {kind: {each.key[1] for each in estate.objects if each.kind is kind} for kind in EstateKind}
    app.save(adopted, region, account)
    return Adoption(tuple(new), (*estate.findings, *writer.findings))
