"""What the options of ``exec`` say, beyond those that every command has."""

from __future__ import annotations

from secretctl.delivery import references
from secretctl.delivery.conflicts import OVERWRITE, POLICIES
from secretctl.delivery.naming import Naming
from secretctl.delivery.references import Source, is_variable
from secretctl.errors import UsageError
from secretctl.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from secretctl.cli.exec_files import Files
    from secretctl.cli.exec_watch_options import Watching
    from secretctl.delivery.manifest import Need

FLAGS = ("--from-env", "--keep-case", "--watch", "--no-hint", "--aws-endpoint")
WITH_VALUE = (
    *("--env-file", "--ecs-task-definition", "--container", "--buildspec", "--optional"),
    *("--prefix", "--on-conflict", "--keep", "--manifest", "--environment"),
    *("--file", "--optional-file", "--file-name", "--file-kind"),
    *("--watch-signal", "--watch-grace"),
)
_READ = ("--env-file", "--ecs-task-definition", "--buildspec", "--manifest")
"""Options that take a file to read sources from."""

_STDIN = ("-", "/dev/stdin")
_ONCE = (
    *("--container", "--prefix", "--on-conflict", "--ecs-task-definition", "--buildspec"),
    *("--manifest", "--environment", "--file-kind", "--watch-signal", "--watch-grace"),
)


class Options(NamedTuple):
    """Where sources are found, and what becomes of them."""

    from_env: bool = False
    env_files: tuple[str, ...] = ()
    task_definition: str | None = None
    container: str | None = None
    buildspec: str | None = None
    optional: tuple[Source, ...] = ()
    """Sources that may be missing."""

    naming: Naming = Naming()
    on_conflict: str = OVERWRITE
    keep: frozenset[str] = frozenset()
    manifest: str | None = None
    environment: str | None = None
    needs: tuple[Need, ...] = ()
    """What the manifest asks for, once it was read; its sources are among all others."""

    files: Files | None = None
    """What is handed over in files."""

    watch: Watching | None = None
    aws_endpoint: bool = False
    """Whether the command reads by itself what the sources name."""

    hints: bool = True
    """Whether to say which arguments look replaced too soon."""

    def may_be_missing(self) -> frozenset[Source]:
        """Return all sources that may be missing."""
        return frozenset(self.optional) | (self.files.optional if self.files else frozenset())

    def have_files(self) -> bool:
        """Tell whether a file names sources."""
        return bool(self.env_files or self.task_definition or self.buildspec)

    def give_sources(self) -> bool:
        """Tell whether there is something to run with besides the sources in words."""
        return self.from_env or bool(self.optional) or self.have_files() or bool(self.files)

    def ask_manifest(self, words: tuple[Source, ...]) -> bool:
        """Tell whether a manifest has a say, beside the sources in *words*."""
        others = bool(words) or self.give_sources()
        return asks_manifest(self.manifest, self.environment, has_others=others)


def asks_manifest(path: str | None, environment: str | None, *, has_others: bool) -> bool:
    """Tell whether a manifest has a say: an option names it, or there is no other source."""
    return not has_others or path is not None or environment is not None


def read(flags: set[str], values: list[tuple[str, str]]) -> Options:
    """Return what was asked for.

    Args:
        flags: Those of `FLAGS` and ``--pristine`` that were given.
        values: Options of `WITH_VALUE` in their order, each with its value.

    Raises:
        UsageError: a value is none of those an option takes, or one option needs another.
    """
    given = {name: [value for each, value in values if each == name] for name in WITH_VALUE}
    if "--aws-endpoint" in flags:
        from secretctl.cli import exec_endpoint_options

        exec_endpoint_options.refuse_others({*flags, *(name for name, _ in values)})
    for name in _ONCE:
        if len(given[name]) > 1:
            raise UsageError(f"'{name}' is given twice", "secretctl exec --help")
    if sum(value in _STDIN for name in _READ for value in given[name]) > 1:
        raise UsageError("standard input is named twice, and can be read once", "name a file")
    once: dict[str, str | None] = {name: next(iter(given[name]), None) for name in _ONCE}
    if once["--container"] is not None and once["--ecs-task-definition"] is None:
        raise UsageError("'--container' is for '--ecs-task-definition'", "secretctl exec --help")
    return Options(
        from_env="--from-env" in flags,
        env_files=tuple(given["--env-file"]),
        task_definition=once["--ecs-task-definition"],
        container=once["--container"],
        buildspec=once["--buildspec"],
        optional=tuple(references.parse(word) for word in given["--optional"]),
        naming=Naming(_prefix(once["--prefix"] or ""), "--keep-case" in flags),
        on_conflict=_policy(once["--on-conflict"] or OVERWRITE),
        keep=_kept(given["--keep"], is_pristine="--pristine" in flags),
        manifest=once["--manifest"],
        environment=once["--environment"],
        files=_files(given),
        watch=_watching(flags, once["--watch-signal"], once["--watch-grace"]),
        aws_endpoint="--aws-endpoint" in flags,
        hints="--no-hint" not in flags,
    )


def _watching(flags: set[str], signal: str | None, grace: str | None) -> Watching | None:
    if signal is None and "--watch" not in flags:
        if grace is None:
            return None
        raise UsageError("'--watch-grace' is for '--watch'", "secretctl exec --help")
    if signal is not None and "--watch" in flags:
        raise UsageError(
            "argument --watch: not allowed with argument --watch-signal",
            "--watch runs the command again; for a signal instead, leave --watch out",
        )
    from secretctl.cli import exec_watch_options

    return exec_watch_options.read(signal, grace)


def _files(given: dict[str, list[str]]) -> Files | None:
    if not any(given[name] for name in given if "-file" in name and name != "--env-file"):
        return None
    from secretctl.cli import exec_files

    return exec_files.read(given)


def _prefix(prefix: str) -> str:
    if prefix and not is_variable(prefix):
        raise UsageError(
            "a prefix may hold letters, digits and _, and begin with no digit",
            "--prefix APP_, for example",
        )
    return prefix


def _policy(policy: str) -> str:
    if policy not in POLICIES:
        raise UsageError("'--on-conflict' takes one of: " + ", ".join(POLICIES))
    return policy


def _kept(words: list[str], *, is_pristine: bool) -> frozenset[str]:
    names = [name for word in words for name in word.split(",")]
    if names and not is_pristine:
        raise UsageError("'--keep' is for '--pristine'", "without it, everything is passed on")
    if not all(map(is_variable, names)):
        raise UsageError("'--keep' takes names of variables", "--keep NAME,NAME, for example")
    return frozenset(names)
