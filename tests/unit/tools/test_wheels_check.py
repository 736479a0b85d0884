"""The check that nothing which is installed needs a compiler."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import requests
from packaging.requirements import Requirement

from tools import wheels_check
from tools.wheels_check import Pin, Target, gaps, npm_gaps

_HERE = Target("linux", "x86_64", 13)
_THERE = Target("linux", "aarch64", 14)


def file(name: str, sha256: str = "a", requires_python: str = ">=3.11") -> dict[str, Any]:
    return {"filename": name, "hashes": {"sha256": sha256}, "requires-python": requires_python}


def pin(requirement: str, *targets: Target) -> Pin:
    return Pin(Requirement(requirement), frozenset({"a", "b"}), targets or (_HERE, _THERE))


def test_a_package_that_exists_as_source_only_is_named_for_each_machine() -> None:
    assert gaps(pin("quick==1.0"), [file("quick-1.0.tar.gz")]) == [
        "quick==1.0 has no wheel for CPython 3.13 on linux x86_64",
        "quick==1.0 has no wheel for CPython 3.14 on linux aarch64",
    ]


def test_a_wheel_for_one_machine_is_none_for_the_other() -> None:
    wheel = file("quick-1.0-cp311-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl")
    assert gaps(pin("quick==1.0"), [wheel]) == [
        "quick==1.0 has no wheel for CPython 3.14 on linux aarch64"
    ]
    assert not gaps(pin("quick==1.0"), [file("quick-1.0-py3-none-any.whl")])


@pytest.mark.parametrize(
    "wheel",
    [
        file("quick-1.0-cp313-cp313-manylinux_2_39_x86_64.whl"),  # for a newer C library
        file("quick-1.0-cp313-cp313-musllinux_1_2_x86_64.whl"),
        file("quick-1.0-cp312-cp312-manylinux_2_17_x86_64.whl"),
        file("quick-1.0-py3-none-any.whl", requires_python="<3.13"),
        file("quick-1.0-py3-none-any.whl", sha256="another"),  # not the file that is pinned
    ],
)
def test_a_wheel_that_would_not_be_installed_counts_for_nothing(wheel: dict[str, Any]) -> None:
    assert gaps(pin("quick==1.0", _HERE), [wheel])


def test_a_package_that_is_not_installed_there_may_be_missing() -> None:
    assert not gaps(pin('quick==1.0 ; python_version < "3.12"', _HERE), [])
    assert not gaps(pin('quick==1.0 ; sys_platform == "darwin"', _HERE), [])
    assert gaps(pin('quick==1.0 ; sys_platform == "linux"', _HERE), [])


def test_a_program_of_npm_that_lacks_a_machine_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wheels_check, "ROOT", tmp_path)
    (tmp_path / "page").mkdir()
    packages = {
        "node_modules/fast": {"optionalDependencies": {"fast-a": "1", "fast-b": "1"}},
        "node_modules/fast-a": {"os": ["linux"], "cpu": ["x64", "arm64"]},
        "node_modules/fast-b": {"os": ["win32"], "cpu": ["arm64"]},
    }
    (tmp_path / "page" / "package-lock.json").write_text(json.dumps({"packages": packages}))
    assert npm_gaps(("page",)) == ["page: node_modules/fast has no program for darwin arm64"]


def test_an_index_that_cannot_be_reached_is_a_failure_that_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def unreachable(*_arguments: object, **_options: object) -> None:
        raise requests.ConnectionError

    monkeypatch.setattr(requests.Session, "get", unreachable)
    monkeypatch.setattr("sys.argv", ["wheels_check", "--all"])
    assert wheels_check.main() == 1
    assert "THE PACKAGE INDEX CANNOT BE REACHED" in capsys.readouterr().err


def test_what_is_pinned_is_known_to_have_wheels() -> None:
    """Without asking anybody: `make lock` has asked, and remembered."""
    seen = set(wheels_check.COMPLETE.read_text().splitlines())
    files = sorted((wheels_check.ROOT / "requirements").glob("**/*.txt"))
    assert {pin.key for file in files for pin in wheels_check._pins(file)} == seen
