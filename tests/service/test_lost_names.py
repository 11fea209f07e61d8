"""A secret whose name was removed or leads elsewhere is not lost: the name is put back."""

from collections.abc import Callable

import pytest

from secretctl.service.session import Session
from secretctl.service.unvouched import drop, listed
from secretctl.vault import codec, fsck, layout
from secretctl.vault.transaction import Transaction
from tests.conftest import Service
from tests.service.conftest import Told
from tests.service.planted import Scene
from tests.vault.stored import of_kind, records_of


@pytest.fixture
def scene(service: Service, as_user: Callable[[str], Session]) -> Scene:
    """A vault with the secrets prod/k and web/x."""
    made = Scene(service, as_user)
    service("CreateSecret", Name="web/x", SecretString="V-X")
    return made


def name_of(seen: Transaction, name: str = "prod/k") -> bytes:
    """Return the place of a name."""
    return layout.name_key(seen.index_key, "us-east-1", name)


def removed(seen: Transaction) -> None:
    """Remove the name of prod/k."""
    seen.delete_record(name_of(seen))


def elsewhere(seen: Transaction) -> None:
    """Let the name of prod/k lead to web/x."""
    seen.put_record(name_of(seen), seen.stored_record(name_of(seen, "web/x")) or b"")


def nowhere(seen: Transaction) -> None:
    """Let the name of prod/k lead to no secret."""
    seen.put_record(name_of(seen), bytes(16))


def second(seen: Transaction) -> None:
    """Make a second secret of that name, to which it leads."""
    secret = seen.find("us-east-1", "prod/k")
    assert secret is not None
    other = secret._replace(number=seen.next_number(), versions=())
    where = layout.SECRET + seen.place(other)
    seen.put_sealed(b"secret", where, codec.encode(other))
    seen.put_record(name_of(seen), where[1:])


PLANTS: dict[str, tuple[Callable[[Transaction], None], str]] = {
    "removed": (removed, "the name of a secret is gone: prod/k"),
    "elsewhere": (elsewhere, "the name of a secret was changed: prod/k"),
    "nowhere": (nowhere, "the name of a secret was changed: prod/k"),
}


@pytest.mark.parametrize(("plant", "told"), PLANTS.values(), ids=PLANTS)
def test_a_name_that_is_gone_or_leads_elsewhere_is_put_back(
    scene: Scene, plant: Callable[[Transaction], None], told: str
) -> None:
    """In one round, from the secret's own record: nothing else is touched, no value is lost."""
    before = records_of(scene.path)
    scene.plant(plant)
    assert fsck.check(scene.vault).is_droppable
    (found,) = listed(scene.service.session)
    assert found.told == told
    drop(scene.service.session, [found.place])
    after = records_of(scene.path)
    kinds = (layout.NAME, layout.SECRET, layout.VALUE)
    assert [{each: after[each] for each in of_kind(after, kind)} for kind in kinds] == [
        {each: before[each] for each in of_kind(before, kind)} for kind in kinds
    ]
    assert scene.service("GetSecretValue", SecretId="prod/k")["SecretString"] == "V-K"
    scene.is_mended()


def test_of_two_secrets_of_one_name_none_is_called_somebody_elses(scene: Scene) -> None:
    """Nothing tells which was first: the one without the name is named, and may be dropped."""
    scene.plant(second)
    (found,) = listed(scene.service.session)
    assert found.told == "a secret has the name of another: prod/k"
    drop(scene.service.session, [found.place])
    scene.is_mended()


def test_of_two_secrets_without_their_name_one_is_dropped_first(scene: Scene) -> None:
    """Then the name of the other is put back, with its value."""
    scene.plant(second)
    scene.plant(removed)
    with scene.vault.read() as view:
        secrets = dict(view.stored_records(layout.SECRET))
    planted, owners = sorted(
        listed(scene.service.session),
        key=lambda each: len(view_versions(scene, each.place, secrets[each.place])),
    )
    assert {planted.told, owners.told} == {"a secret has the name of another: prod/k"}
    drop(scene.service.session, [planted.place])
    (found,) = listed(scene.service.session)
    assert found.told == "the name of a secret is gone: prod/k"
    drop(scene.service.session, [found.place])
    assert scene.service("GetSecretValue", SecretId="prod/k")["SecretString"] == "V-K"
    scene.is_mended()


def view_versions(scene: Scene, where: bytes, stored: bytes) -> tuple[object, ...]:
    """Return the versions of the secret at a place."""
    with scene.vault.read() as view:
        return view.secret_at(where, stored).versions


def test_what_a_dropped_secret_had_goes_with_it(scene: Scene) -> None:
    """Its values and its name: there is no second round."""

    def spoil(seen: Transaction) -> None:
        seen.put_record(layout.SECRET + (seen.stored_record(name_of(seen)) or b""), b"x" * 200)

    scene.plant(spoil)
    (found,) = listed(scene.service.session)
    assert found.told == "a secret's record cannot be read"
    drop(scene.service.session, [found.place])
    scene.is_mended()


def test_a_name_that_no_secret_can_have_is_not_told(scene: Scene, told: Told) -> None:
    """It may be anything; and what was put back is in the journal."""

    def plant(seen: Transaction) -> None:
        secret = seen.find("us-east-1", "prod/k")
        assert secret is not None
        forged = secret._replace(name="x;\x1b[2J", number=seen.next_number(), versions=())
        seen.put_sealed(b"secret", layout.SECRET + seen.place(forged), codec.encode(forged))

    scene.plant(plant)
    scene.plant(removed)
    found = {each.told: each.place for each in listed(scene.service.session)}
    none = "a secret has a name that none can have"
    assert set(found) == {none, "the name of a secret is gone: prod/k"}
    told.lines()
    drop(scene.service.session, [found["the name of a secret is gone: prod/k"]])
    request = told.events()[0]["requestParameters"]
    assert isinstance(request, dict)
    assert request["records"] == ["the name of a secret is gone: prod/k"]
