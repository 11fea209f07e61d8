"""What ``exec`` reads, and which variables come of it, by the options that were given."""

from __future__ import annotations

from collections.abc import Callable

from secretctl.cli.exec_options import Options
from secretctl.context import Context
from secretctl.delivery import environment
from secretctl.delivery.conflicts import settled
from secretctl.delivery.execute import is_passed_on
from secretctl.delivery.references import Source, shown
from secretctl.errors import DeliveryError
from secretctl.record import NamedTuple


class Plan(NamedTuple):
    """What is to be read and set."""

    sources: tuple[Source, ...]
    literals: dict[str, str]
    """Variables whose values came with no secret."""

    replaced: frozenset[str]
    """Variables that hold references themselves: to set them is no conflict."""

    files: tuple[Source, ...] = ()
    """Sources whose values go into files."""


def made(words: tuple[Source, ...], options: Options, context: Context, *, pristine: bool) -> Plan:
    """Return the plan; nothing has been read for it from the vault, for reads are recorded.

    Args:
        words: Sources of the command line.
        options: Of the command line.
        context: The environment.
        pristine: Whether the command inherits only a few variables.

    Raises:
        UsageError: a file cannot be read.
        DeliveryError: a variable would steer programs, is set twice, or is there already where
            that is an error.
    """
    sources, literals, from_env = [*words, *options.optional], {}, list[Source]()
    if options.from_env:
        from secretctl.delivery.references_found import in_environment

        from_env = in_environment(context.environ)
    if options.have_files():
        from secretctl.cli.exec_sources import found

        in_files = found(options, context)
        sources, literals = [*sources, *in_files.sources], in_files.literals
    files = options.files.sources if options.files else ()
    for source in (*sources, *from_env, *files):
        environment.refuse_dangerous(source)
    for name in literals:
        environment.refuse_steering(name, "a line of a file")
    replaced = frozenset(str(source.variable) for source in from_env)
    plan = Plan((*sources, *from_env), literals, replaced, files)
    names = {source: _name(source, options) for source in (*sources, *files)}
    known = [*filter(None, names.values()), *literals]
    if files:
        from secretctl.cli.exec_files import refuse_twice

        others = [names[source] for source in sources]
        refuse_twice(files, {*others, *literals, *replaced})
    kept = settled(known, _inherits(plan, options, context, pristine=pristine), options.on_conflict)
    return plan._replace(
        sources=tuple(each for each in plan.sources if names.get(each) not in kept),
        literals={name: value for name, value in literals.items() if name not in kept},
        files=tuple(each for each in files if each.variable not in kept),
    )


def _name(source: Source, options: Options) -> str | None:
    """Return the variable that *source* sets, if that is known before it is read."""
    if source.variable is None and source.json_key is not None:
        return options.naming.of_key(source.json_key)
    return source.variable


def _inherits(
    plan: Plan, options: Options, context: Context, *, pristine: bool
) -> Callable[[str], bool]:
    def is_inherited(name: str) -> bool:
        is_there = name in context.environ and name not in plan.replaced
        return is_there and is_passed_on(name, pristine=pristine, keep=options.keep)

    return is_inherited


def delivered(
    plan: Plan,
    results: list[tuple[Source, dict[str, object]]],
    options: Options,
    context: Context,
    *,
    pristine: bool,
) -> dict[str, str]:
    """Return the variables for the command: those of secrets, then those of files.

    Args:
        plan: What was to be read.
        results: What was read, each with its source.
        options: As for `made`.
        context: As for `made`.
        pristine: As for `made`.

    Raises:
        DeliveryError: see the rules of `environment` and `conflicts`.
    """
    variables = environment.variables(results, options.naming, frozenset(options.optional))
    for name in plan.literals:
        if name in variables:
            raise DeliveryError(
                f"a file and a secret both set the variable '{shown(name)}'",
                "take it out of the file, or name the variable: NAME=SECRET-ID#KEY",
            )
    is_inherited = _inherits(plan, options, context, pristine=pristine)
    kept = settled(variables, is_inherited, options.on_conflict)
    return {name: value for name, value in variables.items() if name not in kept} | plan.literals


def in_files(
    plan: Plan,
    results: list[tuple[Source, dict[str, object]]],
    options: Options,
    variables: dict[str, str],
) -> dict[str, bytes]:
    """Return what goes into files, by variable.

    Args:
        plan: What was to be read.
        results: What was read for files, each with its source.
        options: As for `made`.
        variables: What is set besides.

    Raises:
        DeliveryError: a variable is set twice, a key is missing, or no value.
    """
    if not plan.files:
        return {}
    from secretctl.cli.exec_files import contents, refuse_twice

    refuse_twice(plan.files, variables)
    return contents(results, options.may_be_missing())
