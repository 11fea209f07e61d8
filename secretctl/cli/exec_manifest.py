"""``exec`` without sources: what the manifest names, and whether its values are as asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from secretctl.cli import manifest_file
from secretctl.cli.check_findings import Finding, judged
from secretctl.cli.check_written import line
from secretctl.cli.exec import FORM, ExecRequest
from secretctl.cli.exec_endpoint_options import FORM as FORM_OF_ENDPOINT
from secretctl.context import Context
from secretctl.delivery.manifest import FAULTS, Need
from secretctl.delivery.references import Source, secret_of, shown, spelled
from secretctl.errors import DeliveryError, ServiceError


def completed(request: ExecRequest, context: Context) -> ExecRequest:
    """Return *request* with the sources of the manifest, and what it asks of their values.

    Raises:
        UsageError: There is none, or it has no such environment.
        ConfigError: It is no manifest.
        UnsafePermissionsError: Somebody else could have written it.
    """
    options = request.options
    form = FORM_OF_ENDPOINT if options.aws_endpoint else FORM
    needs = manifest_file.load(options.manifest, options.environment, context, form).needs
    required = [need.source for need in needs if need.is_required]
    others = [need.source for need in needs if not need.is_required]
    return request._replace(
        sources=(*request.sources, *required),
        options=options._replace(optional=(*options.optional, *others), needs=needs),
    )


def refuse_unfit(
    needs: Sequence[Need],
    sources: Sequence[Source],
    optional: frozenset[Source],
    answers: Mapping[Source, dict[str, object] | ServiceError],
) -> None:
    """Refuse what is not as the manifest asks for it; all of it is named, a line for each.

    What is alone in not being there is left to whoever reads it, whose error says more.

    Args:
        needs: Of the manifest.
        sources: All that is read, of the manifest or not.
        optional: Those of them that may be missing.
        answers: Of GetSecretValue, by secret.

    Raises:
        ServiceError: The first error of a secret that cannot be read.
        DeliveryError: All can be read, and one is not as asked. Names and types, never a value.
    """
    asked = {need.source: need for need in needs}
    wrong: list[Finding] = []
    for source in sources:
        answer = answers[secret_of(source)]
        need = asked.get(source, Need(source, source not in optional))
        if source in asked or isinstance(answer, ServiceError):
            found = judged(need, answer)
            wrong += [found] if found.problem else []
    if len(wrong) > 1 or any(each.problem in FAULTS for each in wrong):
        raise _all_of(wrong, answers)


def _all_of(
    wrong: list[Finding], answers: Mapping[Source, dict[str, object] | ServiceError]
) -> ServiceError | DeliveryError:
    """Return the error of the first, one that AWS has first of all, with the others as hints."""
    errors = [answers[secret_of(each.need.source)] for each in wrong]
    at = next((n for n, each in enumerate(errors) if isinstance(each, ServiceError)), 0)
    first, error = wrong[at], errors[at]
    others = [f"likewise {line(each)}" for each in wrong if each is not first]
    if not isinstance(error, ServiceError):
        return DeliveryError(line(first), *others)
    variable = f" of {first.need.source.variable}" if first.need.source.variable else ""
    place = f"(source '{shown(spelled(first.need.source))}'{variable})"
    return ServiceError(error.code, f"{error.message} {place}", *error.hints, *others)
