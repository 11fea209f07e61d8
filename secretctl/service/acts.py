"""One act: what a call does, as far as it is known, and the records that tell of it."""

from __future__ import annotations

from secretctl.audit.event import OWN, SERVICE, Event
from secretctl.errors import KeyNotGrantedError, OwnerOnlyError, VaultDamagedError, recorded_code
from secretctl.model.shapes import Fields
from secretctl.record import TYPE_CHECKING
from secretctl.service import shown
from secretctl.service.caller import ACCOUNT_ROOT

if TYPE_CHECKING:
    from secretctl.service.session import Session
    from secretctl.service.shown import Names

_FAILED = "InternalServiceError"
_ARN_REGION = 3


OWNERS_ALONE = "only the account root may do this"
NOT_IN_FORCE = "a policy is not the one in force"
"""Why something was refused that no policy denied."""


def owners_alone(decision: Fields | None = None) -> Fields:
    """Return what the journal says of a call that is not a principal's, whatever was decided."""
    return {**(decision or {}), "allowed": False, "reason": OWNERS_ALONE}


class Act:
    """A call of an operation, or something else that is done to the vault.

    It gathers while the call runs: which secrets it found, what it will answer.
    """

    def __init__(  # noqa: PLR0913 each is a fact of the act
        self,
        name: str,
        region: str,
        names: Names,
        *,
        read_only: bool,
        parameters: Fields | None = None,
        is_own: bool = False,
        source: str = SERVICE,
        decision: Fields | None = ACCOUNT_ROOT,
        is_of_service: bool = False,
    ) -> None:
        self.name = name
        self.parameters: Fields = {} if parameters is None else parameters
        self.is_recorded = False
        """Whether a record tells how it ended; a read's, that it was granted."""

        self._region = region
        self._names = names
        self._read_only = read_only
        self._decision = decision
        self._further: list[Fields] = []
        self.is_own = is_own
        self.followed_by: list[Event] = []
        """What comes of it once it holds, recorded behind its outcome."""

        self._source = source
        self._kind = "AwsServiceEvent" if is_own or is_of_service else "AwsApiCall"
        self._found: dict[str, str] = {}
        self._concerned: list[str] = []
        self._response: Fields = {}
        self._parts: tuple[Act, ...] | None = None
        self._besides: Fields = {}

    @property
    def parts(self) -> tuple[Act, ...]:
        """The acts of which records tell: this one, or those that are committed together."""
        return (self,) if self._parts is None else self._parts

    def consists_of(self, parts: tuple[Act, ...]) -> None:
        """Let the records tell of *parts*, and not of this act itself."""
        self._parts = parts

    def found(self, arn: str, name: str) -> None:
        """Note a secret that the request means."""
        self._found[arn] = name

    def concerns(self, arn: str) -> None:
        """Note a user, group, role, policy or key that the request means."""
        if arn not in self._concerned:
            self._concerned.append(arn)

    def answers(self, result: Fields) -> None:
        """Note what a change will answer."""
        self._response = result

    def decided(self, decision: Fields) -> None:
        """Note what policies decided, and why: what was asked first, or the first denial."""
        is_first = self._decision in (None, ACCOUNT_ROOT)
        if is_first or (self._is_allowed() and not decision["allowed"]):
            self._decision = decision
        elif decision["allowed"]:
            self._further.append(
                {name: decision[name] for name in decision if name in ("action", "resource")}
            )

    def adds(self, besides: Fields) -> None:
        """Note what the records are to tell besides, beneath additionalEventData."""
        self._besides = besides

    def event(self, additional: Fields | None = None) -> Event:
        """Return the event of a call that is allowed; nothing comes of one without it."""
        if not self._is_allowed():
            raise AssertionError("it was not decided that " + self.name + " is allowed")
        decision = self._decision
        if decision is not None and self._further:
            decision = {**decision, "further": self._further}
        return self._event(
            self._request(is_accepted=True),
            self._answered(),
            {"decision": decision, **self._besides, **(additional or {})},
        )

    def purge_event(self, arn: str) -> Event:
        """Return the event of a secret, or KMS key, whose window had ended and that went."""
        if ":secret:" not in arn:
            key: Fields = {"keyId": arn.rpartition("/")[2]}
            return Event(
                "DeleteKey",
                "kms.amazonaws.com",
                self._region,
                read_only=False,
                request=key,
                kind="AwsServiceEvent",
            )
        name = arn.partition(":secret:")[2].rpartition("-")[0]
        return Event(
            "EndSecretVersionDelete",
            SERVICE,
            arn.split(":")[_ARN_REGION],
            read_only=False,
            arns=(self._names.arn(arn, name),),
            kind="AwsServiceEvent",
        )

    def failed(self, error: BaseException, additional: Fields | None = None) -> Event:
        """Return the event of a call that ended with *error*: AWS's, or one of our own.

        A fault of the program itself, which has no sentence, is AWS's InternalServiceError.
        """
        if isinstance(error, KeyNotGrantedError):
            from secretctl.service.decided import not_granted

            self.decided(not_granted(self._decision or {}, error))
        if isinstance(error, OwnerOnlyError):
            self._decision = owners_alone(self._decision)
        if isinstance(error, VaultDamagedError) and error.place:
            additional = {"damagedAt": error.place, **(additional or {})}
        from secretctl.service.shown_errors import ERRORS

        code = recorded_code(error)
        known = ERRORS.get(code)
        if self._decision is not None and not self._decision["allowed"]:
            additional = {"decision": self._decision, **(additional or {})}
        return self._event(self._request(is_accepted=False), None, additional)._replace(
            error_code=code if known else _FAILED,
            error_message=known or ERRORS[_FAILED],
        )

    def _answered(self) -> Fields | None:
        if not self._response:
            return None
        return shown.response(self._response, self._found, self._names) or None

    def _is_allowed(self) -> bool:
        return self._decision is not None and bool(self._decision["allowed"])

    def _event(self, request: Fields, response: Fields | None, additional: Fields | None) -> Event:
        return Event(
            name=self.name,
            source=OWN if self.is_own else self._source,
            region=self._region,
            read_only=self._read_only,
            request=request or None,
            response=response,
            arns=(
                *(self._names.arn(arn, name) for arn, name in self._found.items()),
                *self._concerned,
            ),
            additional=additional,
            kind=self._kind,
        )

    def _request(self, *, is_accepted: bool) -> Fields:
        kept: Fields = {}
        given = self.parameters.get("SecretId", self.parameters.get("Name"))
        if isinstance(given, str) and self._source == SERVICE:
            member = "secretId" if "SecretId" in self.parameters else "name"
            kept[member] = self._secret_id(given)
        if is_accepted:
            rest = {name: value for name, value in self.parameters.items() if name != "Name"}
            kept |= self.parameters if self.is_own else shown.request(rest)
        return kept

    def _secret_id(self, given: str) -> str:
        """Return what was asked for; only a hash of it where that was no secret."""
        for arn, name in self._found.items():
            if given in (arn, name):
                return self._names.arn(arn, name) if given == arn else self._names.shown(name)
        if self._found:
            return self._names.shown(next(iter(self._found.values())))
        return self._names.hashed(given)


def own_act(session: Session, name: str, parameters: Fields, *, read_only: bool = False) -> Act:
    """Return the act of something that is done to the vault and is no operation of AWS's.

    Args:
        session: Of whoever does it.
        name: What the journal calls it.
        parameters: What its records tell; may grow until the first is written.
        read_only: Whether it changes nothing.
    """
    names = session.recorder.names
    return Act(name, session.region, names, read_only=read_only, parameters=parameters, is_own=True)
