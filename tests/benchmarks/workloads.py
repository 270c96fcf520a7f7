"""Work that an older commit can do as well, by public names alone: `tests.benchmarks.against` times both.

`python tests/benchmarks/workloads.py NAME`, in the root of the commit: prints the CPU seconds that it took.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import tempfile
import time
from pathlib import Path

AT = "2026-03-01T12:00"


def synth() -> float:
    """300 policies of each kind, from the import to the files."""
    import constructs_lib as lib

    with tempfile.TemporaryDirectory() as folder:
        app = lib.cdktf.App(outdir=folder)
        stack = lib.cdktf.TerraformStack(app, "stack")
        lib.AlipolicyProvider(stack, "provider", region="cn-hangzhou")
        for number in range(300):
            lib.BackupPolicy.tiered(
                stack,
                f"backup-{number}",
                policy_name=f"policy {number}",
                vault_id="v-0001aaaa",
                schedule=lib.Schedule.cron("0 0 2 ? * 3,5,7", start=1631685600),
                retention=14,
                weekly=60,
                monthly=365,
            )
            lib.PolicyVersion(
                stack,
                f"version-{number}",
                policy_name=f"readers-{number}",
                policy_document=json.dumps(document(number, 6)),
                set_as_default=True,
                rotate_strategy=lib.RotateStrategy.DELETE_OLDEST_NON_DEFAULT_VERSION_WHEN_LIMIT_EXCEEDED,
            )
        app.synth()
    return time.process_time()


def document(number: int, statements: int, *, is_wider: bool = False) -> dict[str, object]:
    """A policy document as people write them: actions of a few services, and resources of a project."""
    services = ("oss", "ecs", "log", "rds", "kms", "ram")
    verbs = ["Get*", "List*", "Describe*", *(["Put*"] if is_wider else [])]
    return {
        "Version": "1",
        "Statement": [
            {
                "Effect": "Deny" if place % 4 == 3 else "Allow",
                "Action": [f"{services[(number + place) % 6]}:{verb}" for verb in verbs],
                "Resource": [f"acs:{services[(number + place) % 6]}:*:*:project-{number}/{place}/*"],
                **({"Condition": {"Bool": {"acs:SecureTransport": "true"}}} if place % 3 == 2 else {}),
            }
            for place in range(statements)
        ],
    }


def access() -> float:
    """Comparisons and minimal forms of documents of 4 to 40 statements."""
    from constructs_lib import PolicyDocument
    from constructs_lib.ram.access import compare

    pairs = [
        [PolicyDocument.from_json(document(number, statements, is_wider=wide)) for wide in (False, True)]
        for statements in (4, 12, 40)
        for number in range(8)
    ]
    began = time.process_time()
    for before, after in pairs:
        compare(before, after)
        after.minimised()
    return time.process_time() - began


def _backup_policy(number: int, retention: int) -> dict[str, object]:
    schedules = ("I|1631685600|PT1H", "C|1631685600|0 0 2 ? * 3,5,7", "I|1631685600|P1D")
    return {
        "policy_name": f"policy {number}",
        "policy_type": "STANDARD",
        "rules": [
            {
                "rule_type": "BACKUP",
                "backup_type": "COMPLETE",
                "schedule": schedules[number % 3],
                "vault_id": f"v-{number}",
            },
            {
                "rule_type": "TRANSITION",
                "retention": retention,
                "retention_rules": [
                    {"advanced_retention_type": "WEEKLY", "retention": retention * 4, "which_snapshot": 1}
                ],
            },
        ],
    }


def recovery() -> float:
    """A simulation and a comparison of policies of every pace."""
    from constructs_lib import AdvancedRetention, BackupPolicyRule, Schedule
    from constructs_lib.backup.policy import BackupPolicyProps
    from constructs_lib.backup.recovery import compare

    def policy(schedule: str, retention: int) -> BackupPolicyProps:
        backup = BackupPolicyRule.backup(schedule=Schedule.parse(schedule), vault_id="v-1")
        weekly = AdvancedRetention(advanced_retention_type="WEEKLY", retention=retention * 4)
        return BackupPolicyProps(
            rules=[backup, BackupPolicyRule.transition(retention=retention, retention_rules=[weekly])]
        )

    schedules = (
        "I|1631685600|PT1H",
        "I|1631685600|PT15M",
        "C|1631685600|0 0 2 ? * 3,5,7",
        "I|1631685600|P1D",
    )
    began = time.process_time()
    for retention in range(20, 60):
        for schedule in schedules:
            old, new = policy(schedule, retention), policy(schedule, retention - 7)
            compare(old, new, at=1_772_000_000, tz="Asia/Shanghai")
    return time.process_time() - began


def review() -> float:
    """A review of 1,000 policies that have all changed, 500 of each kind, as JSON."""
    from constructs_lib.cli import main

    with tempfile.TemporaryDirectory() as folder:
        sides = [Path(folder, f"{name}.tf.json") for name in ("new", "old")]
        for side, is_new in zip(sides, (True, False), strict=True):
            versions = {
                f"v{number}": {
                    "policy_name": f"readers-{number}",
                    "policy_document": json.dumps(document(number, 4, is_wider=is_new)),
                    "set_as_default": True,
                }
                for number in range(500)
            }
            backups = {
                f"b{number}": _backup_policy(number, 30 + number % 50 - is_new) for number in range(500)
            }
            side.write_text(
                json.dumps(
                    {
                        "resource": {
                            "alipolicy_policy_version": versions,
                            "alipolicy_backup_policy": backups,
                        }
                    }
                )
            )
        began = time.process_time()
        with (
            contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO(), "utf-8")),
            contextlib.suppress(SystemExit),
        ):
            arguments = [str(sides[0]), "--against", str(sides[1]), "--at", AT, "--format", "json"]
            main(["review", *arguments], standalone_mode=False)
        return time.process_time() - began


def provider() -> float:
    """Plans of 500 policies over gRPC, in seconds of the provider's CPU."""
    from tests.benchmarks.provider_growth import seconds_of_plan

    return seconds_of_plan(500)


def start() -> float:
    """A fresh Python that imports the library and parses a schedule and a document."""
    from constructs_lib import PolicyDocument, Schedule

    Schedule.parse("C|1631685600|0 0 2 ? * 3,5,7")
    PolicyDocument.from_json(document(1, 2))
    return time.process_time()


WORKLOADS = (start, synth, provider, recovery, access, review)

if __name__ == "__main__":
    # Where the commit's own modules are, not where this file is.
    sys.path[0] = str(Path.cwd())
    (workload,) = (each for each in WORKLOADS if each.__name__ == sys.argv[1])
    print(workload())
