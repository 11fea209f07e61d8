"""ARNs and patterns of ARNs: six segments, each compared by itself.

A segment ends at a colon, the last goes on to the end. A wildcard never reaches over the end of its
segment, so ``arn:aws:secretsmanager:*:secret:x`` names nothing.

See: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
"""

from __future__ import annotations

from secretctl.policy import variables, wildcard
from secretctl.policy.variables import Part
from secretctl.policy.wildcard import ANY_LENGTH
from secretctl.record import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from secretctl.policy.variables import Context

SEGMENTS = 6


class Arn(NamedTuple):
    """What a request names: an ARN, or ``*`` where it names nothing in particular."""

    text: str
    account: str
    segments: tuple[str, ...]
    """Six for an ARN, none otherwise."""


class Segment(NamedTuple):
    """A segment of a pattern."""

    pattern: wildcard.Pattern | None
    """None where it depends on the request."""

    template: tuple[Part, ...]
    """What it is made of then."""


class ArnPattern(NamedTuple):
    """A pattern in a policy."""

    head: str
    """What every match begins with."""

    length: int | None
    """As that of a `wildcard.Pattern`."""

    segments: tuple[Segment, ...]
    """Six."""


def arn(text: str) -> Arn:
    """Return *text* taken apart."""
    segments = tuple(text.split(":", SEGMENTS - 1))
    if len(segments) != SEGMENTS or segments[0] != "arn":
        return Arn(text, "", ())
    return Arn(text, segments[4], segments)


def in_resource(text: str, *, has_variables: bool) -> ArnPattern | None:
    """Return the pattern of a Resource element; variables are read in its last segment only.

    Returns:
        None where *text* has not six segments.

    Raises:
        ValueError: A variable is malformed. Static message.
    """
    *first, last = text.split(":", SEGMENTS - 1)
    segments = [Segment(wildcard.of_text(each), ()) for each in first]
    return _pattern([*segments, _segment(variables.parts(last, are_read=has_variables))])


def in_condition(template: tuple[Part, ...]) -> ArnPattern | None:
    """Return the pattern of a condition's value; variables may stand in each segment.

    The text is cut before variables have values: what a value holds shifts no segment.
    """
    segments: list[list[Part]] = [[]]
    for part in template:
        if part.is_variable or part.is_literal:
            segments[-1].append(part)
            continue
        first, *others = part.text.split(":", SEGMENTS - len(segments))
        segments[-1].append(Part(first))
        segments += [[Part(other)] for other in others]
    return _pattern([_segment(tuple(parts)) for parts in segments])


def among(patterns: tuple[ArnPattern, ...], arn: Arn, context: Context) -> bool | None:
    """Tell whether one of *patterns* describes *arn*.

    Returns:
        None where none does, and one holds a variable that has no value.
    """
    text, is_open = arn.text, False
    for head, length, segments in patterns:  # by position: measured
        if not text.startswith(head):
            continue
        if length is not None:
            if length == ANY_LENGTH or length == len(text):
                return True
        elif found := _agree(segments, arn, context):
            return True
        else:
            is_open = is_open or found is None
    return None if is_open else False


def _agree(segments: tuple[Segment, ...], arn: Arn, context: Context) -> bool | None:
    """Tell whether every segment of a pattern describes that of *arn*.

    None where the first that does not holds a variable without a value.
    """
    if not arn.segments:
        return False
    for segment, part in zip(segments, arn.segments):  # noqa: B905 six each
        pattern = segment.pattern or variables.pattern(segment.template, context)
        if pattern is None or not wildcard.matches(pattern, part):
            return None if pattern is None else False
    return True


def _pattern(listed: list[Segment]) -> ArnPattern | None:
    if len(listed) != SEGMENTS:
        return None
    segments, head = tuple(listed), ""
    for segment in segments[:-1]:
        pattern = segment.pattern
        head += "" if pattern is None else pattern.head
        if pattern is None or pattern.length != len(pattern.head):
            return ArnPattern(head, None, segments)
        head += ":"
    last = segments[-1].pattern
    if last is None:
        return ArnPattern(head, None, segments)
    length = last.length
    if length is not None and length != ANY_LENGTH:
        length += len(head)
    return ArnPattern(head + last.head, length, segments)


def _segment(template: tuple[Part, ...]) -> Segment:
    if len(template) == 1 and not (template[0].is_variable or template[0].is_literal):
        return Segment(wildcard.of_text(template[0].text), ())
    is_fixed = not variables.has_variable(template)
    return Segment(variables.pattern(template, {}) if is_fixed else None, template)
