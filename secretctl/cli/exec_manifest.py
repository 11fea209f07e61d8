"""``exec`` without sources: what the manifest names, and whether its values are as asked for."""

from __future__ import annotations

from collections.abc import Mapping

from secretctl.cli import manifest_file
from secretctl.cli.exec import FORM, ExecRequest
from secretctl.cli.exec_endpoint_options import FORM as FORM_OF_ENDPOINT
from secretctl.context import Context
from secretctl.delivery.manifest import Need
from secretctl.errors import DeliveryError


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


def refuse_unfit(needs: tuple[Need, ...], variables: Mapping[str, str]) -> None:
    """Refuse values that are not what the manifest asks for; all of them are named.

    Args:
        needs: Of the manifest.
        variables: What the command would be given.

    Raises:
        DeliveryError: Names of variables, types, and never a value.
    """
    faults = []
    for need in needs:
        value = variables.get(need.source.variable or "")
        fault = None if value is None else need.fault(value)
        if fault is not None:
            faults.append(f"{need.source.variable}: {fault[1]}")
    if faults:
        raise DeliveryError("values are not what the manifest asks for: " + "; ".join(faults))
