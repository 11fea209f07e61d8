"""Sources of ``exec`` that stand in files."""

from __future__ import annotations

from secretctl.cli import paramfile
from secretctl.cli.exec_options import Options
from secretctl.context import Context
from secretctl.delivery.references import Source, shown
from secretctl.errors import DeliveryError
from secretctl.record import NamedTuple


class Found(NamedTuple):
    """What a program is to be given, before anything is read from the vault."""

    sources: list[Source]
    literals: dict[str, str]
    """Variables whose values stand in a file as they are."""


def found(options: Options, context: Context) -> Found:
    """Return what the options name.

    Raises:
        UsageError: a file cannot be read.
        DeliveryError: something in one cannot be used, or two files set one variable. Places and
            names only.
    """
    result = Found([], {})
    for word in options.env_files:
        _add_env_file(paramfile.path_of(word), result, context)
    if options.task_definition is not None:
        from secretctl.delivery.aws_files import of_task_definition

        path = paramfile.path_of(options.task_definition)
        document = _document(_text("--ecs-task-definition", path, context), path)
        result.sources.extend(of_task_definition(document, options.container))
    if options.buildspec is not None:
        from secretctl.delivery.buildspec import of_buildspec

        path = paramfile.path_of(options.buildspec)
        result.sources.extend(of_buildspec(_text("--buildspec", path, context), path))
    return result


def _add_env_file(path: str, result: Found, context: Context) -> None:
    from secretctl.delivery.dotenv import entries
    from secretctl.delivery.references_found import reference

    for entry in entries(_text("--env-file", path, context), path):
        place = f"line {entry.line} of '{shown(path)}'"
        source = reference(entry.name, entry.value, place)
        if source is not None:
            result.sources.append(source)
        elif entry.name in result.literals:
            raise DeliveryError(f"two files set the variable '{shown(entry.name)}'")
        else:
            result.literals[entry.name] = entry.value


def _text(option: str, path: str, context: Context) -> str:
    return paramfile.text_of(paramfile.content(option, path, context.environ), path)


def _document(text: str, path: str) -> object:
    from secretctl.cli.cli_input import parse_json

    try:
        return parse_json(text)
    except ValueError as error:
        raise DeliveryError(f"'{shown(path)}' cannot be read as JSON: {error}") from None
