"""Compare the files of ``policies/`` with what the vault has in force."""

from __future__ import annotations

from secretctl.domain.principals import POLICY, ManagedPolicy, PolicyVersion, arn
from secretctl.errors import PolicyFileError, SecretctlError, ServiceError, UnsafePermissionsError
from secretctl.model.iam.applying import ADOPT
from secretctl.model.validate import check_service
from secretctl.policy import lint
from secretctl.policy.faults import IDENTITY
from secretctl.record import TYPE_CHECKING, NamedTuple
from secretctl.service import owner
from secretctl.service.iam import applying, documents
from secretctl.vault import policy_files, principals

if TYPE_CHECKING:
    from collections.abc import Iterable

    from secretctl.service.session import Session

IN_FORCE, CHANGED, MISSING, UNPLACED, UNKNOWN, REFUSED = (
    "in force",
    "changed",
    "missing",
    "unplaced",
    "unknown",
    "refused",
)


class Compared(NamedTuple):
    """A policy, its file, and how they stand to each other."""

    name: str
    state: str
    """``in force``, ``changed``, ``missing`` (the file), ``unplaced`` (a process was killed before
    it put the file in its place), ``unknown`` (to the vault) or ``refused``: the file cannot be put
    in force."""

    before: str = ""
    """The document in force; empty if there is none."""

    after: str = ""
    """What the file holds; empty if it is missing or refused."""

    arn: str = ""
    version: str = ""
    """The version in force: ``v3``."""

    droppable: str = ""
    """The version that would have to go, where there are as many as can be."""

    error: SecretctlError | None = None
    """Why it is refused."""

    findings: tuple[lint.Finding, ...] = ()


def compare(session: Session, named: Iterable[str] = ()) -> list[Compared]:
    """Return how policies and files stand to each other, by name.

    Args:
        session: Of the owner.
        named: Names of policies; all policies and all files if there are none.

    Raises:
        OwnerOnlyError: AccessDenied.
        UnsafePermissionsError: Others could put files into the directory.
    """
    owner.refuse_principals(session, "ApplyPolicies")
    directory = session.vault.directory
    files = policy_files.names(directory)
    account = session.vault.account
    with session.vault.read() as view:
        found = [
            each for each in principals.all_of(view, POLICY) if isinstance(each, ManagedPolicy)
        ]
    known = {each.name: each for each in found}
    wanted = sorted(set(named) or {*known, *files})
    compared = [_compared(directory, name, known, files) for name in wanted]
    return [
        each._replace(arn=arn(known[each.name], account)) if each.name in known else each
        for each in compared
    ]


def _compared(
    directory: str, name: str, known: dict[str, ManagedPolicy], files: list[str]
) -> Compared:
    policy = known.get(name)
    before = Compared(name, UNKNOWN) if policy is None else _in_force(policy)
    if policy is not None and name not in files:
        is_drafted = policy_files.is_drafted(directory, name, policy.digest)
        return before._replace(state=UNPLACED if is_drafted else MISSING)
    try:
        _check_name(name, known, files)
        text = policy_files.read(directory, name)
    except (PolicyFileError, UnsafePermissionsError) as error:
        return before._replace(state=REFUSED, error=error)
    if policy is not None and policy_files.digest_of(text) == policy.digest:
        return before._replace(state=IN_FORCE, after=text)
    if policy is not None and _is_unplaced(directory, policy, text):
        return before._replace(state=UNPLACED, after=text)
    return _judged(before._replace(state=CHANGED if policy else UNKNOWN, after=text))


def _is_unplaced(directory: str, policy: ManagedPolicy, text: str) -> bool:
    """Tell whether *text* would have been replaced by what is in force, and nothing is lost by it.

    A file that is none of the policy's versions was changed by somebody.
    """
    is_kept = any(each.text == text for each in policy.versions)
    return is_kept and policy_files.is_drafted(directory, policy.name, policy.digest)


def _in_force(policy: ManagedPolicy) -> Compared:
    version: PolicyVersion = next(
        each for each in policy.versions if each.number == policy.in_force
    )
    goes = applying.oldest(policy)
    return Compared(
        policy.name,
        IN_FORCE,
        before=version.text,
        version=f"v{version.number}",
        droppable=f"v{goes.number}" if goes else "",
    )


def _judged(found: Compared) -> Compared:
    """Return the same with what `lint` says; refused where there is an error.

    What is no policy may be another file altogether: then nothing of it is kept to be shown.
    """
    report = lint.lint(found.after, IDENTITY)
    error: SecretctlError | None = None
    if any(each.severity == lint.ERROR for each in report.findings):
        error = PolicyFileError(f"the file of the policy {found.name} has errors")
    else:
        try:
            check_service(ADOPT, {"PolicyName": found.name, "PolicyDocument": found.after})
            documents.check_managed(found.after)
        except ServiceError as refusal:
            message = f"the file of the policy {found.name} is refused: {refusal.message}"
            error = PolicyFileError(message, *refusal.hints)
    if error is not None:
        return found._replace(state=REFUSED, after="", error=error, findings=report.findings)
    return found._replace(findings=report.findings)


def _check_name(name: str, known: dict[str, ManagedPolicy], files: list[str]) -> None:
    """Refuse a name that is of nothing, or that another policy has in other letters.

    A policy with a file of its exact name is not refused for a file that was put beside it.

    Raises:
        PolicyFileError: It is.
    """
    same = [each for each in (*known, *files) if each.lower() == name.lower() and each != name]
    folder = policy_files.DIRECTORY
    if name in files and name not in known and same:
        raise PolicyFileError(
            f"the file {name}.json differs from {same[0]} in the case of letters only",
            f"a policy's file has its exact name: {folder}/NAME.json",
        )
    if name not in files:
        raise PolicyFileError(
            "there is no such policy, and no such file in the vault's directory",
            f"did you mean {same[0]}?" if same else "secretctl iam list-policies",
        )
