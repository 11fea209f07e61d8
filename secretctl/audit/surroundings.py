"""Who runs this process, where, and for which CI run: facts of the system, none of them proof.

What comes from the environment or from other processes is anybody's text: it is cut to a length
and to the characters such names have.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

_LONGEST = 256
_LEGAL = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 ._/:@+=,#()-")
_CI: tuple[tuple[str, str, dict[str, str]], ...] = (
    (
        "GITHUB_ACTIONS",
        "github",
        {
            "repository": "GITHUB_REPOSITORY",
            "workflow": "GITHUB_WORKFLOW",
            "runId": "GITHUB_RUN_ID",
            "job": "GITHUB_JOB",
            "actor": "GITHUB_ACTOR",
            "revision": "GITHUB_SHA",
        },
    ),
    (
        "GITLAB_CI",
        "gitlab",
        {
            "repository": "CI_PROJECT_PATH",
            "runId": "CI_PIPELINE_ID",
            "job": "CI_JOB_ID",
            "actor": "GITLAB_USER_LOGIN",
            "revision": "CI_COMMIT_SHA",
        },
    ),
    ("JENKINS_URL", "jenkins", {"job": "JOB_NAME", "runId": "BUILD_ID", "revision": "GIT_COMMIT"}),
    (
        "BUILDKITE",
        "buildkite",
        {
            "repository": "BUILDKITE_PIPELINE_SLUG",
            "runId": "BUILDKITE_BUILD_NUMBER",
            "job": "BUILDKITE_JOB_ID",
            "revision": "BUILDKITE_COMMIT",
        },
    ),
    (
        "CIRCLECI",
        "circleci",
        {
            "repository": "CIRCLE_PROJECT_REPONAME",
            "runId": "CIRCLE_WORKFLOW_ID",
            "job": "CIRCLE_JOB",
            "revision": "CIRCLE_SHA1",
        },
    ),
    (
        "TF_BUILD",
        "azure",
        {
            "repository": "BUILD_REPOSITORY_NAME",
            "workflow": "BUILD_DEFINITIONNAME",
            "runId": "BUILD_BUILDID",
            "job": "SYSTEM_JOBID",
            "actor": "BUILD_REQUESTEDFOR",
            "revision": "BUILD_SOURCEVERSION",
        },
    ),
    (
        "BITBUCKET_BUILD_NUMBER",
        "bitbucket",
        {
            "repository": "BITBUCKET_REPO_FULL_NAME",
            "runId": "BITBUCKET_BUILD_NUMBER",
            "job": "BITBUCKET_STEP_UUID",
            "revision": "BITBUCKET_COMMIT",
        },
    ),
    (
        "CODEBUILD_BUILD_ID",
        "codebuild",
        {
            "runId": "CODEBUILD_BUILD_ID",
            "actor": "CODEBUILD_INITIATOR",
            "revision": "CODEBUILD_RESOLVED_SOURCE_VERSION",
        },
    ),
    (
        "TEAMCITY_VERSION",
        "teamcity",
        {
            "workflow": "TEAMCITY_PROJECT_NAME",
            "job": "TEAMCITY_BUILDCONF_NAME",
            "runId": "BUILD_NUMBER",
            "revision": "BUILD_VCS_NUMBER",
        },
    ),
    (
        "TRAVIS",
        "travis",
        {
            "repository": "TRAVIS_REPO_SLUG",
            "runId": "TRAVIS_BUILD_ID",
            "job": "TRAVIS_JOB_ID",
            "revision": "TRAVIS_COMMIT",
        },
    ),
    ("CI", "unknown", {}),
)
"""The variable that tells of a CI system, its name, and where it says what.

Each has one of its own; not all of them set CI as well.
"""


def clean(text: str) -> str:
    """Return *text* with every character that no name has as a question mark, 256 at most."""
    return "".join(letter if letter in _LEGAL else "?" for letter in text[:_LONGEST])


def process() -> dict[str, object]:
    """Return what identifies this process and who started it."""
    found: dict[str, object] = {
        "pid": os.getpid(),
        "ppid": os.getppid(),
        "uid": os.getuid(),
        "euid": os.geteuid(),
    }
    parent = _first_line(f"/proc/{os.getppid()}/comm")
    if parent:
        found["parent"] = parent
    return found


def terminal() -> str | None:
    """Return the terminal that standard input, output or error is, if one is."""
    for descriptor in (0, 1, 2):
        try:
            return clean(os.ttyname(descriptor))
        except OSError:
            continue
    return None


def host() -> str:
    """Return the machine's name."""
    return clean(os.uname().nodename)


def ci_run(environ: Mapping[str, str]) -> dict[str, object] | None:
    """Return which run of which CI system this is, None outside of one.

    See: the default variables each system documents, https://docs.github.com/actions/reference and
    https://docs.gitlab.com/ci/variables/predefined_variables/
    """
    for mark, system, names in _CI:
        if environ.get(mark, "") not in ("", "false", "0"):
            said = {name: clean(environ[key]) for name, key in names.items() if environ.get(key)}
            return {"system": system, **said}
    return None


def _first_line(path: str) -> str:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            return clean(os.read(handle, _LONGEST).decode("utf-8", "replace").partition("\n")[0])
        finally:
            os.close(handle)
    except OSError:
        return ""
