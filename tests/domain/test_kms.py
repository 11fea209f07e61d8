"""Which key a KmsKeyId means, and what a grant allows."""

from hypothesis import given
from hypothesis import strategies as st

from secretctl.domain import kms
from secretctl.domain.kms import Alias, Directory, Key, Material
from secretctl.domain.kms_grants import Grant, allows

ACCOUNT = "123456789012"
NAMES = st.text("abcXYZ019/_-", min_size=1, max_size=20)
REGIONS = st.sampled_from(("us-east-1", "eu-west-1"))
TEXT = st.text(max_size=30) | st.sampled_from(("", "alias/", "arn:", "arn:aws:kms", "key/"))


def key(key_id: str) -> Key:
    """Return a key with one material."""
    return Key(key_id, 0, (Material("00"),))


@given(st.lists(NAMES, min_size=2, max_size=5, unique=True), NAMES, REGIONS)
def test_id_arn_alias_and_alias_arn_mean_the_same_key(
    ids: list[str], name: str, region: str
) -> None:
    """Each of the four spellings, in any region, finds that key among others, and no other."""
    alias = f"alias/{name}"
    keys = {key_id: key(key_id) for key_id in ids}
    directory = Directory(keys, {alias: Alias(ids[0], 0, 0)}, {})
    for spelled in (ids[0], kms.arn(ids[0], region, ACCOUNT)):
        assert kms.find(directory, spelled, ACCOUNT) == keys[ids[0]]
    for spelled in (alias, kms.alias_arn(alias, region, ACCOUNT)):
        assert kms.find(directory, spelled, ACCOUNT) == keys[ids[0]]
    assert kms.find(directory, kms.arn(ids[1], region, ACCOUNT), ACCOUNT) == keys[ids[1]]
    assert kms.find(directory, "", ACCOUNT) is None
    assert kms.find(directory, f"{alias}/", ACCOUNT) is None


@given(TEXT)
def test_any_text_means_one_name(given_text: str) -> None:
    """What a text means, it means by that name as well; nothing is the default key."""
    is_alias, name = kms.parse(given_text, ACCOUNT)
    assert name
    assert kms.parse(name, ACCOUNT) == (is_alias, name)
    assert (name == kms.DEFAULT_ALIAS) == (given_text in ("", kms.DEFAULT_ALIAS))


@given(NAMES, REGIONS)
def test_an_arn_of_another_account_is_no_key_of_this_one(key_id: str, region: str) -> None:
    """Two accounts may have keys of one id."""
    directory = Directory({key_id: key(key_id)}, {}, {})
    other = kms.arn(key_id, region, "9" * 12)
    assert kms.find(directory, other, ACCOUNT) is None
    assert kms.arn(kms.parse(other, ACCOUNT)[1], region, ACCOUNT) == other


def test_a_key_goes_with_its_aliases_and_its_id_stays_known() -> None:
    """So a deleted key is not taken for one that never was."""
    aliases = {"alias/a": Alias("a", 0, 0), "alias/b": Alias("b", 0, 0)}
    directory = Directory({"a": key("a"), "b": key("b")}, aliases, {})
    left = kms.without_key(directory, directory.keys["a"])
    assert (set(left.keys), set(left.aliases), left.deleted) == ({"b"}, {"alias/b"}, {"a": ("00",)})
    assert kms.deleted_with(left, "00") == "a"
    assert kms.deleted_with(left, "01") == ""


CONTEXT = {"SecretARN": "arn", "SecretVersionId": "v"}
PAIRS = st.dictionaries(st.sampled_from([*CONTEXT, "other"]), st.sampled_from(("arn", "v", "x")))


@given(PAIRS)
def test_constraints_must_be_among_the_context_or_all_of_it(pairs: dict[str, str]) -> None:
    """A subset fits if each pair is there; equality fits if they are all there is."""
    grant = Grant("", "", "", "", 0, ("Decrypt",))
    assert allows(grant, "Decrypt", CONTEXT)
    subset = grant._replace(context_subset=tuple(pairs.items()))
    assert allows(subset, "Decrypt", CONTEXT) == (pairs.items() <= CONTEXT.items())
    equals = grant._replace(context_equals=tuple(pairs.items()))
    assert allows(equals, "Decrypt", CONTEXT) == (pairs == CONTEXT)
    assert not allows(grant, "GenerateDataKey", CONTEXT)
