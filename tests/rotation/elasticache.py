"""A stand-in for ElastiCache's control API, whose users are those of a real Redis server.

It answers DescribeUsers and ModifyUser by AWS's query protocol. A user that was modified is not
active until it was asked for once more.

See: https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ModifyUser.html
"""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs

from tests.remote.peers import Canned, Seen, answering
from tests.rotation.redis_server import Server

_NAMESPACE = "http://elasticache.amazonaws.com/doc/2015-02-02/"
_MOST_PASSWORDS = 2


class ElastiCache:
    """Where it is, and which actions it was asked for."""

    def __init__(self, server: Server, user_id: str, username: str) -> None:
        self.url = ""
        self.asked: list[str] = []
        self.arn = f"arn:aws:elasticache:eu-central-1:123456789012:user:{user_id}"
        self._server, self._id, self._name = server, user_id, username
        self._status = "active"

    def answer(self, seen: Seen) -> Canned:
        """Answer a request."""
        form = parse_qs(seen.body.decode())
        action = form["Action"][0]
        self.asked.append(action)
        if form["UserId"] != [self._id]:
            return _refused("UserNotFound", 404)
        if action == "DescribeUsers":
            return _answered(action, f"<Users><member>{self._described()}</member></Users>")
        passwords = [form[key][0] for key in sorted(form) if key.startswith("Passwords.member.")]
        if not 0 < len(passwords) <= _MOST_PASSWORDS or self._status != "active":
            return _refused("InvalidParameterValue", 400)
        rules = [f">{password}" for password in passwords]
        self._server.execute("ACL", "SETUSER", self._name, "resetpass", *rules)
        self._status = "modifying"
        return _answered(action, self._shown())

    def _described(self) -> str:
        shown, self._status = self._shown(), "active"
        return shown

    def _shown(self) -> str:
        said = {"UserId": self._id, "UserName": self._name, "Status": self._status}
        said |= {"Engine": "redis", "ARN": self.arn}
        return "".join(f"<{name}>{value}</{name}>" for name, value in said.items())


@contextmanager
def elasticache(server: Server, user_id: str, username: str) -> Iterator[ElastiCache]:
    """Serve one on a free port of this machine."""
    service = ElastiCache(server, user_id, username)
    with answering(service.answer) as peer:
        service.url = peer.url
        yield service


def _answered(action: str, result: str) -> Canned:
    inner = f"<{action}Result>{result}</{action}Result>"
    return _said(200, f'<{action}Response xmlns="{_NAMESPACE}">{inner}</{action}Response>')


def _refused(code: str, status: int) -> Canned:
    inner = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>no</Message></Error>"
    return _said(status, f'<ErrorResponse xmlns="{_NAMESPACE}">{inner}</ErrorResponse>')


def _said(status: int, text: str) -> Canned:
    return Canned(status, text.encode(), (("Content-Type", "text/xml"),))
