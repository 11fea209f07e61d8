"""What SHOW GRANTS of MariaDB and MySQL says, and how to give that to another account, or take it.

A line that is not understood is refused: passed over, it would be a grant that gets lost.

See: https://mariadb.com/kb/en/show-grants/ and
https://dev.mysql.com/doc/refman/8.4/en/show-grants.html
"""

from __future__ import annotations

import re

from secretctl.record import NamedTuple
from secretctl.rotation.steps import StepError

_NAME = r"`(?:[^`]|``)*`"
_TEXT = r"'(?:[^'\\]|''|\\.)*'"
_PART = rf"(?:{_NAME}|{_TEXT})"
_ACCOUNT = rf"{_PART}@{_PART}"
_ROLE = rf"{_PART}(?:@{_PART})?"
_RIGHT = rf"[A-Z][A-Z_ ]*(?:\({_NAME}(?:, ?{_NAME})*\))?"
_KIND = re.compile("^(?:[A-Z]+ )*")
_PLACE = rf"(?:(?:[A-Z]+ )*(?:\*|{_NAME})\.(?:\*|{_NAME})|{_ACCOUNT})"
_VIA = rf"[a-z0-9_]+(?: USING {_TEXT})?"
_LOGIN = rf"(?: IDENTIFIED (?:BY PASSWORD {_TEXT}|VIA {_VIA}(?: OR {_VIA})*))?"
_TLS = rf"(?: REQUIRE (?:SSL|X509|(?: ?(?:ISSUER|SUBJECT|CIPHER) {_TEXT})+))?"
_LIMITS = rf"{_TLS}(?: WITH(?: GRANT OPTION)?(?: MAX_[A-Z_]+ [0-9.]+)*)?"
_OF_RIGHTS = re.compile(
    rf"GRANT ({_RIGHT}(?:, ?{_RIGHT})*) ON ({_PLACE}) TO ({_ACCOUNT}){_LOGIN}({_LIMITS})"
)
_OF_ROLES = re.compile(
    rf"GRANT ({_ROLE}(?:, ?{_ROLE})*)() TO ({_ACCOUNT})((?: WITH ADMIN OPTION)?)"
)
_OF_DEFAULT = re.compile(rf"SET DEFAULT ROLE ({_ROLE})() FOR ({_ACCOUNT})()")
_OF_EXCEPTION = re.compile(
    rf"REVOKE ({_RIGHT}(?:, ?{_RIGHT})*) ON ({_NAME}\.\*) FROM ({_ACCOUNT})()"
)
_EVERYWHERE, _PROXY, _ANY_RIGHT, _MAY_GRANT = "*.*", "PROXY", "USAGE", "GRANT OPTION"


class Grant(NamedTuple):
    """What one line says; two of them are equal where they give the same."""

    what: tuple[str, ...]
    """Privileges, or roles; each with its columns, in order."""

    place: str
    """Where the privileges count; empty for roles."""

    limits: str
    """What is behind the account, without its password: TLS, limits, and GRANT OPTION."""

    is_default: bool
    """Whether it only says which role is the default one."""

    is_except: bool = False
    """Whether it says where privileges that count everywhere do not (MySQL's partial revokes)."""

    @property
    def says_something(self) -> bool:
        """Whether it is more than that there is the account."""
        return self.what != (_ANY_RIGHT,) or bool(self.limits)

    @property
    def role(self) -> tuple[str, ...]:
        """The names of the roles that it gives, without hosts."""
        given_roles = () if self.place or self.is_default else self.what
        return tuple(unquoted(re.findall(_PART, each)[0]) for each in given_roles)


def account(user: str, host: str) -> str:
    """Return an account as statements name it."""
    return "@".join(["`" + part.replace("`", "``") + "`" for part in (user, host)])


def unquoted(name: str) -> str:
    """Return a name without what is around it."""
    return name[1:-1].replace(name[0] * 2, name[0])


def read(line: str, who: str) -> Grant:
    """Return what a line says of the account *who*.

    Raises:
        StepError: It is not understood, or of somebody else.
    """
    for form in (_OF_RIGHTS, _OF_ROLES, _OF_DEFAULT, _OF_EXCEPTION):
        found = form.fullmatch(line)
        if found is not None and _same(found[3]) == who:
            one = _RIGHT if found[2] else _ROLE
            what = tuple(sorted(_ordered(each) for each in re.findall(one, found[1])))
            of_default, of_exception = form is _OF_DEFAULT, form is _OF_EXCEPTION
            return Grant(what, found[2], found[4], of_default, of_exception)
    raise StepError("a grant of the user is of a kind that is not known, and would be lost")


def given(grant: Grant, who: str) -> str:
    """Return the statement that gives it."""
    what = ", ".join(grant.what)
    if grant.is_default:
        return f"SET DEFAULT ROLE {what} FOR {who}"
    where = f" ON {grant.place}" if grant.place else ""
    if grant.is_except:
        return f"REVOKE {what}{where} FROM {who}"
    return f"GRANT {what}{where} TO {who}{grant.limits}"


def taken(grant: Grant, who: str) -> list[str]:
    """Return the statements that take it away."""
    what = ", ".join(grant.what)
    if grant.is_default:
        return [f"SET DEFAULT ROLE NONE FOR {who}"]
    if not grant.place:
        return [f"REVOKE {what} FROM {who}"]
    where = f"ON {grant.place}"
    if grant.is_except:
        return [f"GRANT {what} {where} TO {who}"]
    statements = [] if what == _ANY_RIGHT else [f"REVOKE {what} {where} FROM {who}"]
    if _MAY_GRANT in grant.limits and what != _PROXY:
        statements.append(f"REVOKE {_MAY_GRANT} {where} FROM {who}")
    limits = "".join(f" {each} 0" for each in re.findall("MAX_[A-Z_]+", grant.limits))
    if grant.place == _EVERYWHERE and (limits or "REQUIRE" in grant.limits):
        more = f" WITH{limits}" if limits else ""
        statements.append(f"GRANT {_ANY_RIGHT} {where} TO {who} REQUIRE NONE{more}")
    return statements


def may_give(lines: list[str], grants: list[Grant]) -> bool:
    """Tell whether whoever has the grants of *lines* may pass any of *grants* on, for all we see.

    Each must lie where the other may grant at all. A pattern of databases, or a line that is not
    understood, is taken to hold it.
    """
    found = [_OF_RIGHTS.fullmatch(line) for line in lines if _MAY_GRANT in line]
    places = [_EVERYWHERE if each is None else each[2] for each in found]
    return all(
        any(_holds(place, each.place) for place in places)
        for each in grants
        if each.place and each.what != (_PROXY,) and each.says_something and not each.is_except
    )


def _holds(outer: str, inner: str) -> bool:
    if outer in (_EVERYWHERE, inner) or any(sign in outer for sign in "%_"):
        return True
    database = outer.removesuffix("*")
    return outer != database and _KIND.sub("", inner).startswith(database)


def _same(who: str) -> str:
    """Return an account in the form of `account`, whichever quotes the server writes."""
    user, host = re.findall(_PART, who)
    return account(unquoted(user), unquoted(host))


def _ordered(right: str) -> str:
    """Return a privilege with its columns in order."""
    name, bracket, _ = right.partition("(")
    if not bracket or right[0] in "`'":
        return right.strip()
    return f"{name}({', '.join(sorted(re.findall(_NAME, right)))})"
