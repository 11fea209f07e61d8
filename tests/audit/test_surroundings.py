"""What is told of the CI run in which a command runs."""

import pytest

from secretctl.audit.surroundings import ci_run


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        (
            {"TF_BUILD": "True", "BUILD_BUILDID": "7", "BUILD_REPOSITORY_NAME": "shop"},
            {"system": "azure", "runId": "7", "repository": "shop"},
        ),
        (
            {"CI": "true", "BITBUCKET_BUILD_NUMBER": "7"},
            {"system": "bitbucket", "runId": "7"},
        ),
        ({"CODEBUILD_BUILD_ID": "shop:7"}, {"system": "codebuild", "runId": "shop:7"}),
        ({"TEAMCITY_VERSION": "2025.1", "BUILD_NUMBER": "7"}, {"system": "teamcity", "runId": "7"}),
        ({"CI": "true", "TRAVIS": "true"}, {"system": "travis"}),
        ({"CI": "true", "GITHUB_ACTIONS": "true"}, {"system": "github"}),
        ({"CI": "true"}, {"system": "unknown"}),
        ({"CI": "false", "TF_BUILD": ""}, None),
    ],
)
def test_a_ci_system_is_known_by_its_own_variable(
    environ: dict[str, str], said: dict[str, str] | None
) -> None:
    """Also where CI is not set; where nothing else is, no more than that it is one."""
    assert ci_run(environ) == said
