"""IAM's operations that say what would be allowed, and by which statements."""

from __future__ import annotations

from secretctl import json_text
from secretctl.domain.principals import ROLE, Group
from secretctl.model.shapes import Result
from secretctl.policy.principals import Principal
from secretctl.record import TYPE_CHECKING
from secretctl.service import policies_in_force
from secretctl.service.iam import entities, pages, simulated, simulation_results
from secretctl.service.iam.pages import Items
from secretctl.service.iam.simulated import Case, Entries, invalid

if TYPE_CHECKING:
    from secretctl.service.session import Session

_RESULTS = "EvaluationResults"
_OF_ROLES = "Simulation of resource-based policies isn't supported for IAM roles."
_NO_CALLER = "CallerArn is required if you include a ResourcePolicy and no user is asked about."


def simulate_custom_policy(  # noqa: PLR0913 the operation's members
    session: Session,
    *,
    policy_input_list: list[str],
    action_names: list[str],
    permissions_boundary_policy_input_list: list[str] | None = None,
    resource_arns: list[str] | None = None,
    resource_policy: str | None = None,
    resource_owner: str | None = None,
    caller_arn: str | None = None,
    context_entries: Entries | None = None,
    max_items: int | None = None,
    marker: str | None = None,
) -> Result:
    """Say what policies would allow; without CallerArn to somebody of the resource's account.

    See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulateCustomPolicy.html
    """
    nobody = Principal("", session.vault.account)
    caller = nobody if caller_arn is None else simulated.caller(caller_arn)
    _check_resource_policy(caller, resource_policy)
    case = simulated.case(
        [],
        None,
        policy_input_list,
        permissions_boundary_policy_input_list,
        resource_policy,
        caller,
        resource_owner,
        context_entries,
    )
    asked = (None, caller_arn)
    return _answer(session, asked, case, action_names, resource_arns, marker, max_items)


def simulate_principal_policy(  # noqa: PLR0913 the operation's members
    session: Session,
    *,
    policy_source_arn: str,
    action_names: list[str],
    policy_input_list: list[str] | None = None,
    permissions_boundary_policy_input_list: list[str] | None = None,
    resource_arns: list[str] | None = None,
    resource_policy: str | None = None,
    resource_owner: str | None = None,
    caller_arn: str | None = None,
    context_entries: Entries | None = None,
    max_items: int | None = None,
    marker: str | None = None,
) -> Result:
    """Say what a user, group or role would be allowed by the policies that are in force.

    See: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html

    Raises:
        ServiceError: NoSuchEntity, InvalidInput.
        PolicyFileError: A managed policy is not the one in force.
    """
    with session.vault.read() as view:
        source = entities.holder(session, view, policy_source_arn)
        found = policies_in_force.sources(session.vault, view, source)
        bound = policies_in_force.boundary(session.vault, view, source)
    caller = simulated.caller(caller_arn or policy_source_arn)
    if caller_arn is None and isinstance(source, Group) and resource_policy is not None:
        raise invalid(_NO_CALLER)
    _check_resource_policy(caller, resource_policy)
    case = simulated.case(
        found,
        bound,
        policy_input_list,
        permissions_boundary_policy_input_list,
        resource_policy,
        caller,
        resource_owner,
        context_entries,
    )
    asked = (policy_source_arn, caller_arn)
    return _answer(session, asked, case, action_names, resource_arns, marker, max_items)


def _check_resource_policy(caller: Principal, given: str | None) -> None:
    if given is None:
        return
    if not caller.text:
        raise invalid(_NO_CALLER)
    if caller.text.rpartition(":")[2].startswith(f"{ROLE}/"):
        raise invalid(_OF_ROLES)


def _answer(  # noqa: PLR0913 what a page is cut from
    session: Session,
    asked: tuple[str | None, ...],
    case: Case,
    action_names: list[str],
    resource_arns: list[str] | None,
    marker: str | None,
    max_items: int | None,
) -> Result:
    resources = resource_arns or [simulated.EVERYTHING]
    simulated.check(action_names, resources)
    scope = json_text.compact([asked, action_names, resources])
    actions: Items = [(f"{place:08}", name) for place, name in enumerate(action_names)]
    answer = pages.page(session, scope, _RESULTS, actions, marker, max_items)
    listed = answer[_RESULTS]
    assert isinstance(listed, list)
    answer[_RESULTS] = [simulation_results.of_action(case, name, resources) for name in listed]
    return answer
