"""What a policy can be bound to, type by type: each knows only what the API takes for it.

    nightly.bind(OssBucket("company-logs", prefix="2026/"))
    nightly.bind(EcsFiles("i-bp1a2b3c", paths=["/etc", "/var/www"], speed_limit="8:20:4096"))

Source: Cloud Backup, CreatePolicyBindings (API version 2017-09-08), by the SDK's texts. Every value may be a
CDKTF token. `InvalidPropsError`: a source that the API cannot take.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, ClassVar

from attrs import evolve, field, frozen

from constructs_lib.backup.binding import (
    AdvancedOptions,
    BackupPolicyBindingProps,
    BoundType,
    CommonFileSystemDetail,
    CommonNasDetail,
    FileDetail,
    OssDetail,
    UdmDetail,
)
from constructs_lib.backup.binding_checks import CHECKS, check_binding
from constructs_lib.findings import InvalidPropsError, shown
from constructs_lib.tokens import Resolvable, is_token

Strings = Sequence[str | Resolvable] | str | Resolvable
_MALFORMED = tuple(check for check in CHECKS if check.code.startswith("BB1"))


@frozen
class BoundSource:
    """A data source of one type. `NAMES`: what the parameters of the API are called here."""

    TYPE: ClassVar[BoundType]
    NAMES: ClassVar[dict[str, str]] = {}

    def __attrs_post_init__(self) -> None:
        props = BackupPolicyBindingProps(policy_id="po-1", **self.parameters())
        if findings := check_binding(props, _MALFORMED):
            named = [evolve(each, path=self.NAMES.get(each.path, each.path)) for each in findings]
            raise InvalidPropsError(type(self).__name__, named)

    def parameters(self) -> dict[str, Any]:
        """The props of `BackupPolicyBindingProps` that a source has."""
        own: dict[str, Any] = {name: getattr(self, own) for name, own in self.NAMES.items()}
        listed: dict[str, Any] = {
            name: _as_json(own.get(name)) for name in ("source", "include", "exclude") if name in own
        }
        options = getattr(self, "options", None)
        detail: dict[str, Any] = {} if options is None else {"advanced_options": [_advanced(options)]}
        return {"source_type": self.TYPE, **own, **listed, **detail}

    @property
    def name(self) -> str | Resolvable:
        """What it is called by the API: a bucket's name, or an id."""
        name: str | Resolvable = getattr(self, self.NAMES["data_source_id"])
        return name


def _as_json(value: object) -> object:
    """A list as JSON; a string, and what only Terraform knows, as it is."""
    if isinstance(value, (list, tuple)) and not is_token(value):
        if all(isinstance(item, str) for item in value):
            return json.dumps(list(value), ensure_ascii=False, separators=(",", ":")) if value else None
        raise TypeError(
            f"expected a list of strings; got {shown(value)}. For tokens write Fn.jsonencode([…])"
        )
    return value


_GROUPS: dict[type, str] = {
    UdmDetail: "udm_detail",
    OssDetail: "oss_detail",
    FileDetail: "file_detail",
    CommonNasDetail: "common_nas_detail",
    CommonFileSystemDetail: "common_file_system_detail",
}


def _advanced(options: Any) -> AdvancedOptions:
    group = _GROUPS.get(type(options))
    if group is None:
        names = " or ".join(f"{kind.__name__}(…)" for kind in _GROUPS)
        raise TypeError(f"expected {names}; got {shown(options)}")
    return AdvancedOptions(**{group: [options]})


_FILES = {"include": "include", "exclude": "exclude"}
_PATHS = {"source": "paths", **_FILES}


@frozen
class EcsInstance(BoundSource):
    """An ECS instance as a whole, for policies of type UDM_ECS_ONLY. `options`: which disks, and how."""

    TYPE = BoundType.UDM_ECS
    NAMES: ClassVar = {"data_source_id": "instance_id"}
    instance_id: str | Resolvable
    options: UdmDetail | None = field(default=None, kw_only=True)


@frozen
class OssBucket(BoundSource):
    """A bucket, or what is below one `prefix` of it, such as `logs/`. `options`: how it is listed."""

    TYPE = BoundType.OSS
    NAMES: ClassVar = {"data_source_id": "bucket", "source": "prefix"}
    bucket: str | Resolvable
    prefix: str | Resolvable | None = None
    options: OssDetail | None = field(default=None, kw_only=True)


@frozen
class NasFileSystem(BoundSource):
    """A file system of Alibaba Cloud's NAS. `path`: left out, all of it. `include`, `exclude`: which files,
    such as `["*.sh"]`."""

    TYPE = BoundType.NAS
    NAMES: ClassVar = {"data_source_id": "file_system_id", "source": "path", **_FILES}
    file_system_id: str | Resolvable
    path: str | Resolvable | None = None
    include: Strings | None = field(default=None, kw_only=True)
    exclude: Strings | None = field(default=None, kw_only=True)


@frozen
class EcsFiles(BoundSource):
    """Files of an ECS instance. `paths`: left out, all. `speed_limit`: from hour to hour KB/s, such as
    `8:20:4096`."""

    TYPE = BoundType.ECS_FILE
    NAMES: ClassVar = {"data_source_id": "instance_id", **_PATHS, "speed_limit": "speed_limit"}
    instance_id: str | Resolvable
    paths: Strings | None = None
    include: Strings | None = field(default=None, kw_only=True)
    exclude: Strings | None = field(default=None, kw_only=True)
    speed_limit: str | Resolvable | None = field(default=None, kw_only=True)
    options: FileDetail | None = field(default=None, kw_only=True)


@frozen
class ServerFiles(BoundSource):
    """Files of a server on the premises, by its client of Cloud Backup; else as `EcsFiles`."""

    TYPE = BoundType.File
    NAMES: ClassVar = {"data_source_id": "client_id", **_PATHS, "speed_limit": "speed_limit"}
    client_id: str | Resolvable
    paths: Strings | None = None
    include: Strings | None = field(default=None, kw_only=True)
    exclude: Strings | None = field(default=None, kw_only=True)
    speed_limit: str | Resolvable | None = field(default=None, kw_only=True)
    options: FileDetail | None = field(default=None, kw_only=True)


@frozen
class LocalNas(BoundSource):
    """A NAS on the premises, by its id in Cloud Backup. `path`: one path; `/` is its root."""

    TYPE = BoundType.COMMON_NAS
    NAMES: ClassVar = {"data_source_id": "nas_id", "source": "path", **_FILES}
    nas_id: str | Resolvable
    path: str | Resolvable
    include: Strings | None = field(default=None, kw_only=True)
    exclude: Strings | None = field(default=None, kw_only=True)
    options: CommonNasDetail | None = field(default=None, kw_only=True)

    def parameters(self) -> dict[str, Any]:
        given = super().parameters()
        is_path = isinstance(self.path, str) and not is_token(self.path)
        return {**given, "source": _as_json([self.path])} if is_path and self.path else given


@frozen
class CpfsFileSystem(BoundSource):
    """A file system of CPFS, by its id in Cloud Backup. `paths`: `["/"]` is all of it."""

    TYPE = BoundType.COMMON_FILE_SYSTEM
    NAMES: ClassVar = {"data_source_id": "data_source_id", **_PATHS}
    data_source_id: str | Resolvable
    paths: Strings
    include: Strings | None = field(default=None, kw_only=True)
    exclude: Strings | None = field(default=None, kw_only=True)
    options: CommonFileSystemDetail | None = field(default=None, kw_only=True)


@frozen
class TablestoreInstance(BoundSource):
    """An instance of Tablestore. `tables`: left out, all."""

    TYPE = BoundType.OTS
    NAMES: ClassVar = {"data_source_id": "instance_name", "source": "tables"}
    instance_name: str | Resolvable
    tables: Strings | None = None


SOURCE_CLASSES: tuple[type[BoundSource], ...] = (
    EcsInstance,
    OssBucket,
    NasFileSystem,
    EcsFiles,
    ServerFiles,
    LocalNas,
    CpfsFileSystem,
    TablestoreInstance,
)
