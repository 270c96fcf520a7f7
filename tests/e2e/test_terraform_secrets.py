"""No secret leaves the provider: not in a log at its loudest, a state, a plan file, nor an error."""

from __future__ import annotations

import zipfile
from typing import Any
from urllib.parse import quote_plus

from constructs_lib.localcloud import Fault, LocalCloud
from constructs_lib.provider.api_client import STS
from tests.e2e.installed import DAILY, PLANNED, READERS, Workspace, reported
from tests.provider.conftest import Elsewhere

LOUD = {"TF_LOG": "TRACE", "DEBUG": "sdk"}
NAMES = {
    "AccessKeyId": "ACCESS_KEY_ID",
    "AccessKeySecret": "ACCESS_KEY_SECRET",
    "SecurityToken": "SECURITY_TOKEN",
}


class Owner(Elsewhere):
    """Somebody with the account's own key."""

    def session(self, role_arn: str) -> dict[str, str]:
        """The keys of a role's session, as the environment takes them."""
        parameters = {"RoleArn": role_arn, "RoleSessionName": "e2e"}
        answer: dict[str, Any] = self.calls.once(STS, "AssumeRole", parameters)["Credentials"]
        return {f"ALIBABA_CLOUD_{variable}": answer[name] for name, variable in NAMES.items()}


def assert_hidden(text: str, secrets: dict[str, str]) -> None:
    for name, secret in secrets.items():
        for form in (secret, quote_plus(secret)):
            assert form not in text, f"{name} shows: …{text[max(text.find(form) - 200, 0) : text.find(form)]}"


def files(workspace: Workspace) -> str:
    """All that the commands left behind, plan files unpacked."""
    texts = []
    for file in workspace.directory.rglob("*"):
        if file.is_symlink() or not file.is_file():
            continue
        texts.append(file.read_bytes())
        if zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as archive:
                texts += [archive.read(name) for name in archive.namelist()]
    return b"\n".join(texts).decode(errors="replace")


def test_the_keys_of_a_session_show_nowhere(
    workspace: Workspace, readers: Elsewhere, cloud: LocalCloud
) -> None:
    cloud.add_principal("Role", "deployer")
    secrets = Owner(readers.calls).session(f"acs:ram::{cloud.account_id}:role/deployer")
    workspace.environment |= secrets
    workspace.write(DAILY + READERS)
    said = []
    for command in (("plan", "-no-color", f"-out={PLANNED}"), ("apply", "-no-color", PLANNED)):
        outcome = workspace.run(*command, **LOUD)
        assert outcome.status == 0, outcome.text[-4000:]
        said.append(outcome.text)
    assert "[TRACE]" in said[0]
    assert "ApplyResourceChange of create of alipolicy_backup_policy" in said[1]

    # What goes wrong on the way, what the cloud refuses, and a wrong key.
    on_the_way = [Fault(kind=kind, operation="*", count=1) for kind in ("cut", "truncated", "not_json")]
    refusal = Fault(kind="error", operation="UpdatePolicyV2", status=403, code="NoPermission")
    cloud.set_faults([*on_the_way, refusal])
    refused = workspace.apply(DAILY.replace("30", "90") + READERS, **LOUD)
    assert "NoPermission" in refused.text
    said.append(refused.text)
    cloud.set_faults()
    wrong = {"ALIBABA_CLOUD_ACCESS_KEY_SECRET": "n0t/the+secret=of-this-key"}
    refused = workspace.run("plan", "-no-color", **LOUD, **wrong)
    assert "Correct secret_key: it does not belong to access_key." in reported(refused)
    said.append(refused.text)

    for text in (*said, files(workspace)):
        assert_hidden(text, secrets | {"a wrong secret": wrong["ALIBABA_CLOUD_ACCESS_KEY_SECRET"]})


def test_keys_in_sensitive_variables_show_in_no_log_state_or_error(
    workspace: Workspace, elsewhere: Elsewhere, cloud: LocalCloud
) -> None:
    keys = {"access_key": cloud.access_key, "secret_key": cloud.secret_key}
    variables = "".join(f'variable "{name}" {{\n  sensitive = true\n}}\n' for name in keys)
    block = "".join(f"  {name} = var.{name}\n" for name in keys)
    for name in ("ACCESS_KEY_ID", "ACCESS_KEY_SECRET"):
        del workspace.environment[f"ALIBABA_CLOUD_{name}"]
    configuration = f'{variables}provider "alipolicy" {{\n{block}}}\n{DAILY}'
    given = {f"TF_VAR_{name}": value for name, value in keys.items()}
    applied = workspace.apply(configuration, **LOUD, **given)
    assert applied.status == 0, applied.text[-4000:]
    cloud.set_faults([Fault(kind="error", operation="*", status=403, code="NoPermission")])
    refused = workspace.run("plan", "-no-color", **LOUD, **given)
    assert "NoPermission" in refused.text
    for text in (applied.text, refused.text, files(workspace)):
        assert_hidden(text, keys)
