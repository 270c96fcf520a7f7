"""Puts the provider where Terraform (1.5 or newer) and OpenTofu find it, and takes it away again.

Two things make an installation. A *filesystem mirror* is a folder from which `terraform init` takes the
provider: an executable that only starts Python. A *CLI configuration* (~/.terraformrc) tells Terraform to
look there, and not to ask a registry for what no registry has.

What is inserted into a user's file stands between `OPEN` and `CLOSE`: it can be taken out to the byte.
"""

from __future__ import annotations

import errno
import importlib.util
import json
import os
import re
import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path

from constructs_lib.provider import ADDRESS

PATTERN = "alipolicy.internal/*/*"
# One wrapper does for all: it is a script. `cdktf` locks linux_amd64 on every machine.
PLATFORMS = (
    "darwin_amd64",
    "darwin_arm64",
    "freebsd_amd64",
    "linux_386",
    "linux_amd64",
    "linux_arm",
    "linux_arm64",
)

# Lock files hold the hash of these bytes: no path may stand in them, and a change needs a new version.
# Terraform shows the first line of stdout where a provider does not start; of stderr it shows nothing.
WRAPPER = """\
#!/bin/sh
# The Terraform provider alipolicy, written by `alipolicy provider install`; the same on every machine.
# It runs in the Python of ALIPOLICY_PYTHON, else of the file `python` one folder up, else in python3.
here=$(CDPATH= cd -P -- "${0%/*}" && pwd -P)
python=${ALIPOLICY_PYTHON:-}
if [ -z "$python" ] && [ -r "$here/../python" ]; then
  IFS= read -r python <"$here/../python"
fi
python=${python:-python3}
if ! command -v "$python" >/dev/null 2>&1; then
  echo "there is no $python: run 'alipolicy provider install' again, or set ALIPOLICY_PYTHON"
  exit 1
fi
exec "$python" -c '
import sys
if sys.path[0] == "":  # the working directory is no place for modules; Python 3.10 would not know -P
    del sys.path[0]
try:
    from constructs_lib.provider.__main__ import main
except ImportError as error:
    print(f"alipolicy is not in {sys.executable} ({error}): install it, then run alipolicy provider install")
    sys.exit(1)
sys.exit(main())
' "$@"
"""

# Providers, by the folder that has them.
Providers = dict[Path, list[str]]

OPEN, CLOSE = "/* alipolicy { */", "/* } alipolicy */"
BACKUP_SUFFIX = ".before-alipolicy"

_NEEDED = ("grpc", "google.protobuf", "msgpack", "cryptography", "alibabacloud_tea_openapi")
# Installation methods that would go to the network for our address.
_REMOTE = ("direct", "network_mirror", "oci_mirror")
# Terraform passes over a folder whose path is no address; in its configuration that would be an error.
_PROVIDER = re.compile(r"[a-z0-9.-]+(:[0-9]+)?/[a-z0-9][a-z0-9_-]*/[a-z0-9][a-z0-9_-]*")


class InstallationError(Exception):
    """The provider cannot be installed, or not taken away; the text says why and what to do."""


# ------------------------------------------------------------ the mirror


def default_mirror(environment: Mapping[str, str], home: Path) -> Path:
    """The mirror in the user's data folder."""
    return _folder(environment, "XDG_DATA_HOME", home / ".local" / "share") / "alipolicy" / "mirror"


def check_requirements() -> None:
    """InstallationError: the provider could not run here."""
    if os.name == "nt":
        raise InstallationError("the provider needs Linux, macOS or FreeBSD; on Windows use it inside WSL")
    if missing := [name for name in _NEEDED if not _is_there(name)]:
        raise InstallationError(
            f"the provider needs packages that are not installed ({', '.join(missing)}): "
            "pip install 'alipolicy[provider]'"
        )


def release() -> str:
    """The version of the package, as Terraform takes it."""
    found = re.match(r"\d+\.\d+\.\d+", metadata.version("alipolicy"))
    assert found is not None, "the package's version has three numbers"
    return found[0]


def write_mirror(mirror: Path, python: str | None = sys.executable) -> None:
    """Write the provider into a mirror; nothing happens where it is there already.

    * `python`: the interpreter that runs it; None: the one that the mirror names, or a variable.

    InstallationError: it cannot be written.
    """
    folder, name = mirror / ADDRESS / release(), ADDRESS.rpartition("/")[2]
    for below in (folder / platform for platform in PLATFORMS):
        if link := _find_link(below, mirror):
            raise InstallationError(f"{link} is a symbolic link, which is not followed; remove it")
    try:
        for platform in PLATFORMS:
            # The temporary file stands outside the folder whose content is hashed.
            place = folder / platform / f"terraform-provider-{name}_v{release()}"
            place.parent.mkdir(parents=True, exist_ok=True)
            _replace(place, WRAPPER.encode(), 0o755, temporary=folder, follows=False)
        if python is not None:
            _replace(folder / "python", f"{python}\n".encode(), 0o644, temporary=folder, follows=False)
    except OSError as error:
        raise InstallationError(
            f"{mirror} cannot be written ({error.strerror}); name another folder: --mirror DIRECTORY"
        ) from None


def remove_mirror(mirror: Path) -> bool:
    """Remove the provider, all versions, from a mirror, and the folders that are empty then.

    Gives whether it was there. OSError: it cannot be removed.
    """
    place = mirror / ADDRESS
    if not place.exists():
        return False
    shutil.rmtree(place)
    levels = len(Path(ADDRESS).parts)
    for folder in list(place.parents)[:levels]:  # up to the mirror itself
        if any(folder.iterdir()):
            break
        folder.rmdir()
    return True


# ------------------------------------------------------------ the CLI configuration


def block(mirror: Path, others: Providers | None = None) -> str:
    """The CLI configuration to use where there is none about providers yet.

    * `others`: what Terraform takes from other folders, and is to go on taking from there.
    """
    mirrors = {mirror: [PATTERN]} | (others or {})
    blocks = "\n".join(_mirror_block(folder, names) for folder, names in mirrors.items())
    excluded = json.dumps([name for names in mirrors.values() for name in names])
    return f"provider_installation {{\n{blocks}\n  direct {{\n    exclude = {excluded}\n  }}\n}}\n"


def configuration_files(environment: Mapping[str, str], home: Path) -> list[Path]:
    """The files that Terraform and OpenTofu read: one, or two where OpenTofu has its own."""
    for variable in ("TF_CLI_CONFIG_FILE", "TERRAFORM_CONFIG"):
        if given := environment.get(variable):
            return [Path(given)]
    own = [home / ".tofurc"]
    if environment.get("XDG_CONFIG_HOME"):
        own.append(Path(environment["XDG_CONFIG_HOME"]) / "opentofu" / "tofurc")
    return [home / ".terraformrc", *[file for file in own if file.exists()][:1]]


def looks_there_anyway(mirror: Path, environment: Mapping[str, str], home: Path) -> bool:
    """Whether Terraform looks into this mirror without any configuration, and no file says otherwise."""
    if mirror.resolve() not in [folder.resolve() for folder in _implied_mirrors(environment, home)]:
        return False
    try:
        files = [file for file in configuration_files(environment, home) if file.is_file()]
        return not any(_find_insertions(_text(file), mirror) for file in files)
    except ValueError:  # one that cannot be read may say anything
        return False


def merged(text: str, mirror: Path, others: Providers | None = None) -> str:
    """A CLI configuration with what our provider needs; all that was there stays.

    * `others`: as `block` takes them.

    ValueError: the text cannot be read.
    """
    text = unmerged(text)
    insertions = _find_insertions(text, mirror)
    if not insertions:
        return f"{OPEN}\n{block(mirror, others)}{CLOSE}\n{text}"
    for place, inserted in sorted(insertions.items(), reverse=True):
        text = f"{text[:place]} {OPEN} {inserted} {CLOSE}{text[place:]}"
    return text


def unmerged(text: str) -> str:
    """A CLI configuration as it was before `merged`."""
    first, last = re.escape(OPEN), re.escape(CLOSE)
    return re.sub(rf"^{first}\r?\n.*?{last}(?:\r?\n|\Z)| {first} .*?{last}", "", text, flags=re.S | re.M)


def mirror_in(file: Path) -> Path | None:
    """The mirror that `write_configuration` named in a file."""
    if not file.is_file() or OPEN not in (text := _text(file)):
        return None
    path = re.search(rf"{re.escape(OPEN)}[^}}]*?path += (\"(?:\\.|[^\"\\])*\")", text)
    return Path(json.loads(path[1])) if path else None


def write_configuration(file: Path, mirror: Path, environment: Mapping[str, str], home: Path) -> bool:
    """Merge into a file; what it was before is kept beside it. Gives whether anything changed.

    InstallationError: it cannot be read or written, or our block would hide other providers.
    """
    if file.exists() and not file.is_file():
        raise InstallationError(f"{file} is not a file that could be changed; name one in TF_CLI_CONFIG_FILE")
    before = _text(file)
    try:
        after = merged(before, mirror)
    except ValueError as error:
        raise InstallationError(
            f"{file}: {error}. Nothing was changed; put this into it by hand:\n\n{block(mirror)}"
        ) from None
    if after.startswith(OPEN):
        # With a provider_installation block Terraform forgets the folders it looks into by itself.
        for folder, others in _implied_providers(environment, home).items():
            raise InstallationError(
                f"Terraform takes {others[0]} from {folder}, and would no longer do so once there is "
                "a provider_installation block. Nothing was configured. Install into that folder instead, "
                f"which needs no configuration: alipolicy provider install --mirror '{folder}'"
            )
    if after == before:
        return False
    try:
        if file.exists() and before == unmerged(before):
            _replace(_backup_of(file), before.encode(), file.stat().st_mode & 0o777, follows=False)
        file.parent.mkdir(parents=True, exist_ok=True)
        _replace(file, after.encode())
    except OSError as error:
        raise InstallationError(
            f"{file} cannot be written ({error.strerror}). Put this into it, or into a file that "
            f"TF_CLI_CONFIG_FILE names, by hand:\n\n{block(mirror)}"
        ) from None
    return True


def clean_configuration(file: Path) -> bool:
    """Take out of a file what `write_configuration` put in. Gives whether anything changed."""
    if not file.is_file():
        return False
    before = _text(file)
    after, backup = unmerged(before), _backup_of(file)
    if after == before:
        return False
    if after or backup.exists():
        _replace(file, after.encode())
        if backup.exists() and _text(backup) == after:
            backup.unlink()
    else:  # it was not there before
        file.resolve().unlink()
    return True


def _mirror_block(mirror: Path, names: list[str]) -> str:
    path = json.dumps(str(mirror), ensure_ascii=False)
    return f"  filesystem_mirror {{\n    path    = {path}\n    include = {json.dumps(names)}\n  }}"


def _implied_mirrors(environment: Mapping[str, str], home: Path) -> list[Path]:
    """Where Terraform and OpenTofu look as long as nothing is said about the installation of providers."""
    data = _folder(environment, "XDG_DATA_HOME", home / ".local" / "share")
    system = (environment.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share").split(":")
    mac = home / "Library" / "Application Support"
    shares = [data, *(Path(folder) for folder in system if folder)]
    return [
        home / ".terraform.d" / "plugins",
        *(share / name / "plugins" for share in shares for name in ("terraform", "opentofu")),
        *(mac / name / "plugins" for name in ("io.terraform", "io.opentofu")),
    ]


def _implied_providers(environment: Mapping[str, str], home: Path) -> Providers:
    """The other providers in those folders."""
    providers = {}
    for folder in _implied_mirrors(environment, home):
        found = (path.relative_to(folder).as_posix() for path in folder.glob("*/*/*") if path.is_dir())
        if others := sorted(name for name in found if name != ADDRESS and _PROVIDER.fullmatch(name)):
            providers[folder] = others
    return providers


# ------------------------------------------------------------ a sandbox's own configuration


def sandbox_variables(folder: Path, environment: Mapping[str, str], home: Path) -> dict[str, str]:
    """The variables with which a Terraform finds the provider, whatever is installed on the machine.

    What the user's CLI configuration says otherwise still holds, and so do the folders into which Terraform
    looks by itself.

    * `folder`: gets the CLI configuration. The mirror is the user's own: `.terraform` and Terraform's plugin
      cache have links into it, which have to lead to a Python after the sandbox too. Only where the user can
      write none it is in the folder as well.

    InstallationError: the user's configuration cannot be read. OSError: something cannot be written.
    """
    check_requirements()
    mirror = default_mirror(environment, home)
    is_installed = (mirror / ADDRESS / release() / "python").exists()
    try:
        write_mirror(mirror, None if is_installed else sys.executable)
    except InstallationError:
        mirror = folder / "mirror"
        write_mirror(mirror)
    files = configuration_files(environment, home)
    users = next((file for file in files if file.exists()), files[0])
    try:
        text = merged(_text(users), mirror, _implied_providers(environment, home))
    except ValueError as error:
        raise InstallationError(
            f"{users}: {error}. Fix it, or set TF_CLI_CONFIG_FILE=/dev/null to go without it"
        ) from None
    own = folder / "terraform.rc"
    _replace(own, f"{text}\ndisable_checkpoint = true\n".encode())
    return {
        "TF_CLI_CONFIG_FILE": str(own),
        "ALIPOLICY_PYTHON": sys.executable,
        # `cdktf deploy` runs `providers lock`, which asks the registry unless a variable says otherwise.
        "TF_CLI_ARGS_providers_lock": environment.get("TF_CLI_ARGS_providers_lock")
        or shlex.quote(f"-fs-mirror={mirror}"),
    }


# ------------------------------------------------------------ reading HCL, as far as it takes


_TOKEN = re.compile(
    r"""(?P<space> \s+ | (?:\#|//)[^\n]* | /\*[\s\S]*?\*/ )
      | (?P<value> <<-?(?P<tag>\w+)[ \t]*\r?\n (?:.*\n)*? [ \t]*(?P=tag)(?=\r?\n|\Z)
                 | "(?:\\.|[^"\\\n])*" | [\w.+-]+ )
      | (?P<sign> [{}\[\]=,] )""",
    re.VERBOSE,
)
_CLOSES = {"}": "{", "]": "["}


def _find_insertions(text: str, mirror: Path) -> dict[int, str]:
    """What to insert behind which `{` or `[`, by offset: the mirror into the block provider_installation, and
    our address into what each of its remote methods excludes. Empty: there is no such block.

    ValueError: the text cannot be read.
    """
    if text.lstrip().startswith("{"):
        raise ValueError("this is JSON, into which nothing can be merged")
    insertions: dict[int, str] = {}
    for names, sign, place in _opened(text):
        match [*names, sign]:
            case ["provider_installation", "{"] if not insertions:
                insertions[place] = f"\n{_mirror_block(mirror, [PATTERN])}\n "
            case ["provider_installation", name, "{"] if name in _REMOTE:
                insertions[place] = f'exclude = ["{PATTERN}"]'
            case ["provider_installation", name, "exclude", "["] if name in _REMOTE:
                insertions.popitem()  # the method, which has a list already
                insertions[place] = f'"{PATTERN}",'
    return insertions


def _opened(text: str) -> Iterator[tuple[list[str], str, int]]:
    """Every block and list that is opened: the names from the outermost in, its sign, where it begins."""
    path: list[tuple[str, str]] = []
    name, is_value, place = "", False, 0
    while place < len(text):
        token = _TOKEN.match(text, place)
        if token is None:
            raise ValueError(f"line {_line(text, place)}: {text[place]!r} was not expected")
        place, sign = token.end(), token[0]
        if token["space"] is not None:
            continue
        if sign in ("{", "["):
            path.append((name, sign))
            yield [opened for opened, _ in path], sign, place
            name = ""
        elif sign in _CLOSES:
            if not path or path.pop()[1] != _CLOSES[sign]:
                raise ValueError(f"line {_line(text, place)}: {sign} closes nothing")
            name = ""
        elif sign != "=" and is_value:
            name = ""
        elif sign not in ("=", ",") and not name:
            name = sign.strip('"')
        is_value = sign == "="
    if path:
        raise ValueError(f"a {path[-1][1]} is not closed")


def _line(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1


# ------------------------------------------------------------ files


def _folder(environment: Mapping[str, str], variable: str, default: Path) -> Path:
    """A folder of the XDG specification, which takes absolute paths only."""
    given = environment.get(variable, "")
    return Path(given) if os.path.isabs(given) else default


def _is_there(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # not even the package around it
        return False


def _backup_of(file: Path) -> Path:
    return file.with_name(f"{file.name}{BACKUP_SUFFIX}")


def _text(file: Path) -> str:
    """What a file holds; nothing where it does not exist."""
    try:
        return file.read_bytes().decode()
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        raise InstallationError(f"{file} is not UTF-8; nothing was changed") from None


def _find_link(path: Path, top: Path) -> Path | None:
    """A symbolic link on the way from a folder to a path in it."""
    below = (each for each in [path, *path.parents] if top in each.parents)
    return next((each for each in below if each.is_symlink()), None)


def _replace(
    file: Path,
    content: bytes,
    mode: int | None = None,
    temporary: Path | None = None,
    *,
    follows: bool = True,
) -> None:
    """Write a file at once or not at all. Nothing where it is so.

    * `mode`: None: the one that the file has; a new one is its owner's alone.
    * `follows`: where it is a symbolic link of the user's own, what it points to is written; else the link is
      replaced. OSError: it is somebody else's.
    """
    if file.is_symlink() and follows:
        if file.lstat().st_uid not in (os.getuid(), 0):
            raise OSError(errno.EPERM, "it is a symbolic link of another user")
        file = file.resolve()
    elif file.is_symlink():
        file.unlink()
    if mode is None:
        mode = file.stat().st_mode & 0o777 if file.exists() else 0o600
    if file.is_file() and file.read_bytes() == content and file.stat().st_mode & 0o777 == mode:
        return
    handle, name = tempfile.mkstemp(prefix=f".{file.name}-", dir=temporary or file.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            if temporary is None:  # a user's file, which nobody could write again
                os.fsync(stream.fileno())
        os.chmod(name, mode)
        os.replace(name, file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
