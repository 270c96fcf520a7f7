"""The protocol as a real Terraform speaks it."""

from __future__ import annotations

import json
import pickle
import re

from tests.provider.protocol.terraform import FULL, Workspace, note


def rules(*days: int) -> str:
    return "\n".join(f"rules {{\n days = {day}\n}}" for day in days)


def ids(workspace: Workspace) -> dict[int, str]:
    return {rule["days"]: rule["rule_id"] for rule in workspace.state()["lab_note.a"]["rules"]}


def test_everything_that_a_schema_can_say_comes_back_from_the_state(workspace: Workspace) -> None:
    assert workspace.apply(note(FULL)).status == 0
    state = workspace.state()["lab_note.a"]
    assert state["weight"] == 0.1
    assert state["steps"] == [1, 2.5, 123456789012345678901234567890]
    assert state["extra"] == {"a": [1, "x", None], "b": True}
    assert state["rules"][0]["document"] == '{ "b": 1 }'
    assert state["rules"][0]["parts"][0]["part_id"].startswith("part-")
    assert {each["key"]: each["operator"] for each in state["filters"]} == {"z": "EQUAL", "q": "NOT"}
    assert state["place"] == {"region": "r", "zone": "a"}
    assert state["timeouts"]["create"] == "1m"
    assert workspace.plan().status == 0


def test_numbers_that_terraform_computed_come_back(workspace: Workspace) -> None:
    computed = "weight = log(10, 3)\nsteps = [pow(2, 0.5), 1 / 3, 0.1 + 0.2, -0, 1e100, 1.5e-10]\n"
    outcome = workspace.apply(note(computed))
    assert outcome.status == 0, outcome.text
    assert workspace.plan().status == 0


def test_what_is_deprecated_is_reported_where_it_is_set(workspace: Workspace) -> None:
    planned = workspace.plan(note('old = "x"'))
    assert "Warning: old is deprecated" in planned.text
    assert "Use `title`." in planned.text
    assert "old is deprecated" not in workspace.plan(note()).text


def test_a_document_that_is_only_written_otherwise_is_no_change(workspace: Workspace) -> None:
    workspace.apply(note('document = "{\\"a\\": 1, \\"b\\": 2}"'))
    assert workspace.plan(note("document = jsonencode({ b = 2, a = 1 })")).status == 0
    changed = workspace.plan(note("document = jsonencode({ b = 3 })"))
    assert changed.status == 2
    assert "digest" in changed.stdout


def test_rules_keep_their_ids_when_they_move(workspace: Workspace) -> None:
    workspace.apply(note(rules(1, 2, 3)))
    before = ids(workspace)
    planned = workspace.plan(note(rules(3, 1, 2)))
    assert "rule_id = (known after apply)" not in planned.stdout
    assert workspace.apply().status == 0
    assert ids(workspace) == before
    fewer = workspace.apply(note(rules(9, 2)))
    assert "Fewer rules" in fewer.text
    assert ids(workspace)[2] == before[2]
    assert workspace.plan().status == 0


def test_what_is_wrong_is_reported_with_its_line(workspace: Workspace) -> None:
    workspace.write(note(f'weight = 2000\ndigest = "x"\n{rules(7, 0)}'))
    checked = workspace.run("validate", "-json")
    found = {
        (each["severity"], each["summary"], each["snippet"]["code"].strip())
        for each in json.loads(checked.stdout)["diagnostics"]
        if "snippet" in each
    }
    assert found == {
        ("warning", "Heavy", "weight = 2000"),
        ("error", "Too few days", "days = 0"),
        ("error", "digest cannot be set", 'digest = "x"'),
    }


def test_unknown_values_pass_through_plan_and_validation(workspace: Workspace) -> None:
    outcome = workspace.apply(
        """
        resource "terraform_data" "t" {}
        resource "lab_note" "a" {
          name     = "n-${terraform_data.t.id}"
          document = jsonencode({ id = "nightly-${terraform_data.t.id}" })
          labels   = { id = terraform_data.t.id }
          dynamic "rules" {
            for_each = { for n in [1, 2] : "${terraform_data.t.id}${n}" => n }
            content { days = rules.value }
          }
        }
        resource "lab_note" "b" {
          name = "other"
          dynamic "rules" {
            for_each = lab_note.a.rules[*].rule_id
            content {
              days  = 5
              label = rules.value
            }
          }
        }
        """
    )
    assert outcome.status == 0, outcome.text
    assert workspace.plan().status == 0
    assert len(workspace.state()["lab_note.b"]["rules"]) == 2


def test_a_forcing_change_replaces(workspace: Workspace) -> None:
    workspace.apply(note('place {\n region = "r"\n}'))
    assert "name" in workspace.plan(note('place {\n region = "r"\n}', name="two")).stdout
    for body in ('place {\n region = "s"\n}', 'title = "replace me"\nplace {\n region = "r"\n}'):
        planned = workspace.plan(note(body))
        assert "forces replacement" in planned.stdout
        assert "1 to add, 0 to change, 1 to destroy" in planned.stdout
    assert workspace.apply().status == 0
    assert len(workspace.notes()) == 1


def test_a_plan_may_be_refused(workspace: Workspace) -> None:
    workspace.apply(note())
    refused = workspace.plan(note('title = "forbidden"'))
    assert refused.status == 1
    assert "Forbidden title" in refused.text
    assert 'title = "forbidden"' in refused.text


def test_a_create_that_fails_late_is_tainted_and_replaced(workspace: Workspace) -> None:
    failed = workspace.apply(note('secret = "hunter2hunter2"', name="fail-late"))
    assert failed.status == 1
    assert "RuntimeError: lost its head over (sensitive" in " ".join(failed.text.split())
    assert "hunter2hunter2" not in failed.text
    assert workspace.state()["lab_note.a"]["tainted"] is True
    assert workspace.apply(note()).status == 0
    assert [each["name"] for each in workspace.notes()] == ["one"]


def test_a_create_that_fails_early_leaves_nothing(workspace: Workspace) -> None:
    failed = workspace.apply(note(name="fail-early"))
    assert "Early failure" in failed.text
    assert workspace.state() == {}


def test_an_update_or_delete_that_fails_changes_nothing(workspace: Workspace) -> None:
    workspace.apply(note())
    assert "Update failed" in workspace.apply(note('title = "fail-update"')).text
    assert workspace.state()["lab_note.a"]["title"] == "untitled"
    workspace.apply(note('title = "undeletable"'))
    assert "nailed to the wall" in workspace.run("destroy", "-auto-approve", "-no-color").text
    assert "lab_note.a" in workspace.state()


def test_what_is_gone_is_planned_again_and_what_drifted_is_fixed(workspace: Workspace) -> None:
    workspace.apply(note(rules(7)))
    (only,) = workspace.store.iterdir()
    stored = workspace.notes()[0]
    stored["rules"][0]["days"] = 8
    only.write_bytes(pickle.dumps(stored))
    assert re.search(r"days +=? *8 -> 7", workspace.plan().stdout)
    assert workspace.apply().status == 0
    assert workspace.notes()[0]["rules"][0]["days"] == 7
    only.unlink()
    assert "1 to add" in workspace.plan().stdout
    assert workspace.apply().status == 0


def test_new_timeouts_alone_do_not_call_the_provider(workspace: Workspace) -> None:
    workspace.apply(note())
    (file,) = workspace.store.iterdir()
    before = file.stat().st_mtime_ns
    assert workspace.apply(note('timeouts {\n create = "2m"\n}')).status == 0
    assert file.stat().st_mtime_ns == before
    assert workspace.plan().status == 0
    assert "Not a duration" in workspace.plan(note('timeouts {\n create = "soon"\n}')).text


def test_ignored_changes_stay_ignored(workspace: Workspace) -> None:
    ignoring = "lifecycle {\n ignore_changes = [rules, title]\n}\n"
    workspace.apply(note(ignoring + rules(1, 2)))
    assert workspace.plan(note(ignoring + 'title = "other"\n' + rules(5))).status == 0


def test_import_by_command_by_block_and_with_generated_configuration(workspace: Workspace) -> None:
    workspace.apply(note(rules(4)))
    (id,) = (path.name for path in workspace.store.iterdir())
    workspace.run("state", "rm", "lab_note.a")
    imported = workspace.run("import", "-no-color", "lab_note.a", id)
    assert imported.status == 0, imported.text
    assert workspace.plan().status == 0
    workspace.run("state", "rm", "lab_note.a")
    block = f'import {{\n  to = lab_note.b\n  id = "{id}"\n}}\n'
    generated = workspace.plan(block, "-generate-config-out=generated.tf")
    assert "1 to import, 0 to add, 0 to change" in generated.stdout, generated.text
    assert workspace.apply().status == 0
    nowhere = workspace.run("import", "-no-color", "lab_note.b", "nowhere")
    assert "There is no note nowhere" in nowhere.text


def test_a_note_moves_here_from_another_type(workspace: Workspace) -> None:
    workspace.apply(note())
    (id,) = (path.name for path in workspace.store.iterdir())
    workspace.run("state", "rm", "lab_note.a")
    workspace.apply('resource "terraform_data" "old" {\n  input = "one"\n}\n')
    state = json.loads((workspace.directory / "terraform.tfstate").read_text())
    state["resources"][0]["instances"][0]["attributes"]["output"]["value"] = id
    state["serial"] += 1
    (workspace.directory / "terraform.tfstate").write_text(json.dumps(state))
    moved = workspace.apply("moved {\n  from = terraform_data.old\n  to = lab_note.a\n}\n" + note())
    assert moved.status == 0, moved.text
    assert "0 added, 0 changed, 0 destroyed" in moved.stdout
    assert workspace.state()["lab_note.a"]["id"] == id


def test_an_older_state_is_upgraded(workspace: Workspace) -> None:
    workspace.apply(note('title = "old words"'))
    path = workspace.directory / "terraform.tfstate"
    state = json.loads(path.read_text())
    instance = state["resources"][0]["instances"][0]
    assert instance["schema_version"] == 2
    instance["schema_version"] = 1
    instance["attributes"]["headline"] = instance["attributes"].pop("title")
    instance["attributes"]["long_gone"] = True
    del instance["attributes"]["weight"]
    path.write_text(json.dumps({**state, "serial": state["serial"] + 1}))
    assert workspace.plan().status == 0
    instance["schema_version"] = 3
    path.write_text(json.dumps({**state, "serial": state["serial"] + 2}))
    newer = workspace.plan()
    assert newer.status == 1
    assert "newer" in newer.text


def test_a_data_source_reads_and_its_output_is_nested(workspace: Workspace) -> None:
    workspace.apply(note())
    outcome = workspace.apply(
        note() + 'data "lab_notes" "all" {\n  name = "one"\n}\noutput "ids" {\n'
        "  value = data.lab_notes.all.notes[*].id\n}\n"
    )
    assert outcome.status == 0, outcome.text
    assert json.loads(workspace.run("output", "-json", "ids").stdout) == [
        each["id"] for each in workspace.notes()
    ]
    assert "Empty name" in workspace.plan('data "lab_notes" "all" {\n  name = ""\n}\n').text


def test_thirty_at_a_time(workspace: Workspace) -> None:
    many = 'resource "lab_note" "a" {\n  count = 40\n  name = "n${count.index}"\n}\n'
    workspace.write(many)
    outcome = workspace.run("apply", "-auto-approve", "-no-color", "-parallelism=30")
    assert outcome.status == 0, outcome.text
    assert len(workspace.notes()) == 40
