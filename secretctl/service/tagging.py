"""TagResource, UntagResource."""

from secretctl.domain import tags as rules
from secretctl.model.shapes import Result
from secretctl.service.secrets import changing, find_to_change, keep
from secretctl.service.session import Session


def tag_resource(session: Session, *, secret_id: str, tags: list[dict[str, str]]) -> Result:
    """Attach tags, replacing those with the same keys.

    See: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_TagResource.html
    """
    with changing(session) as transaction:
        before = find_to_change(session, transaction, secret_id)
        tagged = rules.tag(before.tags, tags)
        keep(session, transaction, before._replace(tags=tagged), before)
    return {}


def untag_resource(session: Session, *, secret_id: str, tag_keys: list[str]) -> Result:
    """Remove tags; a key that is not there is no error.

    See: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UntagResource.html
    """
    with changing(session) as transaction:
        before = find_to_change(session, transaction, secret_id)
        tagged = rules.untag(before.tags, tag_keys)
        keep(session, transaction, before._replace(tags=tagged), before)
    return {}
