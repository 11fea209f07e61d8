"""An import while somebody else changes the vault."""

from collections.abc import Callable
from pathlib import Path

import pytest

from secretctl.service import dispatch, importing
from tests.cli.test_import import imported, names
from tests.conftest import Service, World

COUNT = 20


@pytest.fixture
def file(tmp_path: Path, service: Service) -> Path:
    """A file of many entries, for a vault that is there."""
    assert names(service) == []
    path = tmp_path / "many.env"
    path.write_text("".join(f"N{number:02}=v\n" for number in range(COUNT)))
    return path


def before_try(number: int, act: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> None:
    """Have somebody else act right before the vault is asked for the *number*-th time."""
    real, tries = dispatch.change_all, iter(range(1000))

    def overtaken(*words: object, **options: object) -> object:
        if next(tries) == number:
            act()
        return real(*words, **options)  # type: ignore[arg-type]  # passed on as given

    monkeypatch.setattr(importing, "change_all", overtaken)


def test_what_was_committed_before_a_refusal_is_said(
    world: World, service: Service, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of several commits, those before stay; with how to go on, which makes the rest."""
    monkeypatch.setattr(importing, "_GROUP_BYTES", 20_000)
    groups = len(list(importing._groups(service.session, [{"Name": "N00"}] * COUNT)))
    assert groups > 2

    def taken() -> None:
        service("CreateSecret", Name="N19", SecretString="other")

    before_try(groups + 1, taken, monkeypatch)
    done = imported(world, file)
    written = len(names(service)) - 1
    assert done.status == 254
    assert 0 < written < COUNT - 1
    assert f"1 secret of 20 cannot be imported; {written} others had been" in done.stderr
    assert "the same command makes the rest" in done.stderr
    service("DeleteSecret", SecretId="N19", ForceDeleteWithoutRecovery=True)
    assert imported(world, file).stdout == f"{COUNT - written} created, {written} unchanged\n"


@pytest.mark.parametrize(
    ("value", "policy", "said"),
    [
        ("v", "error", "18 created, 2 unchanged\n"),
        ("other", "skip", "18 created, 1 unchanged, 1 skipped\n"),
        ("other", "overwrite", "18 created, 1 changed, 1 unchanged\n"),
        ("other", "error", ""),
    ],
)
def test_a_secret_made_meanwhile_is_treated_as_one_that_was_there(
    world: World,
    service: Service,
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    value: str,
    policy: str,
    said: str,
) -> None:
    """Left alone, skipped, overwritten or a conflict, as if the import had begun after that."""
    service("CreateSecret", Name="N00", SecretString="v")
    meanwhile = {"Name": "N07", "SecretString": value}
    before_try(1, lambda: service("CreateSecret", **meanwhile), monkeypatch)
    done = imported(world, file, "--on-conflict", policy)
    assert done.stdout == said
    assert done.status == (0 if said else 254)
    if not said:
        assert "'N07': it is there with another value" in done.stderr
        assert "1 secret of 20 cannot be imported; nothing was changed" in done.stderr
        assert "--on-conflict skip leaves it" in done.stderr
    assert len(names(service)) == (COUNT if said else 2)
