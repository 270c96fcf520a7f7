"""Values of Terraform's variables, from where Terraform takes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from os.path import isfile
from pathlib import Path
from typing import Any

from attrs import evolve, field, frozen

from constructs_lib.review.loading.evaluation import constant
from constructs_lib.review.loading.expressions import Name, parse_expression
from constructs_lib.review.loading.json_text import InputError, JsonText, read_text
from constructs_lib.review.loading.values import UnresolvedError

_PREFIX = "TF_VAR_"
_ADVICE = "Give it as JSON: name.tfvars.json."


class FromEnvironment(str):
    """A value of the environment: text for a variable that is text, else an expression."""

    def as_type(self, wanted: Any) -> Any:
        """The value for a variable of this type. Raises `UnresolvedError`."""
        if wanted is None or isinstance(wanted, Name):
            return str(self)
        try:
            return constant(parse_expression(self))
        except ValueError:
            raise UnresolvedError("a value of the environment cannot be read") from None


@frozen
class Variables:
    """Values of variables by name: what comes later here gives way to what comes before.

    * `given`: of --var-file. `of_files`: of the folder itself. `environment`: of `TF_VAR_…`.
    """

    given: Mapping[str, Any] = field(factory=dict)
    of_files: Mapping[str, Any] = field(factory=dict)
    environment: Mapping[str, Any] = field(factory=dict)

    @property
    def values(self) -> Mapping[str, Any]:
        return {**self.environment, **self.of_files, **self.given}

    @classmethod
    def read(cls, files: Iterable[Path], environment: Mapping[str, str]) -> Variables:
        """Of files, the last one first, and of the environment. Raises `InputError`."""
        given: dict[str, Any] = {}
        for path in files:
            given |= _values(path, path.as_posix())
        of_environment = {
            name.removeprefix(_PREFIX): FromEnvironment(value)
            for name, value in environment.items()
            if name.startswith(_PREFIX)
        }
        return cls(given=given, environment=of_environment)

    def of_folder(self, folder: Path, name: str) -> Variables:
        """With the files that Terraform reads by itself. Raises `InputError`."""
        paths = [folder / file for file in ("terraform.tfvars", "terraform.tfvars.json")]
        paths += sorted([*folder.glob("*.auto.tfvars"), *folder.glob("*.auto.tfvars.json")])
        values: dict[str, Any] = {}
        for path in paths:
            if isfile(path):
                values |= _values(path, f"{name}/{path.name}")
        return evolve(self, of_files=values) if values else self


NO_VARIABLES = Variables()


def _values(path: Path, name: str) -> dict[str, Any]:
    if path.suffix == ".json":
        return JsonText.read(path, name).parse()
    text = read_text(path, name)
    try:
        # A file of variables is the inside of an object.
        return dict(constant(parse_expression(f"{{\n{text}\n}}")))
    except ValueError as error:
        raise InputError(name, "", f"it cannot be read: {error}", _ADVICE) from None
