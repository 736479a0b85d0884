"""Every negative control has its place in the code, and tests that can notice."""

from __future__ import annotations

import ast
import re
import shlex
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.negative_controls import CONTROLS
from tests.negative_controls.control import Control


def ids_of_tests(path: Path) -> list[str]:
    """What ``-k`` may find of a module's tests: class, name, and the source of the parameters."""
    module = ast.parse(path.read_text()).body
    values = {
        target.id: ast.unparse(node.value)
        for node in module
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    found = []
    for node in module:
        for function in node.body if isinstance(node, ast.ClassDef) else [node]:
            if isinstance(function, ast.FunctionDef) and function.name.startswith("test_"):
                used = {name for one in function.decorator_list for name in ast.walk(one)}
                parameters = [ast.unparse(one) for one in function.decorator_list]
                parameters += [values.get(one.id, "") for one in used if isinstance(one, ast.Name)]
                found.append(" ".join([getattr(node, "name", ""), function.name, *parameters]))
    return found


def selects(expression: str, test: str) -> bool:
    """Whether an expression of pytest's ``-k`` selects a test."""

    def holds(node: ast.expr) -> bool:
        if isinstance(node, ast.BoolOp):
            parts = [holds(part) for part in node.values]
            return all(parts) if isinstance(node.op, ast.And) else any(parts)
        if isinstance(node, ast.UnaryOp):
            return not holds(node.operand)
        assert isinstance(node, ast.Name), ast.dump(node)
        return node.id.lower() in test.lower()

    return holds(ast.parse(expression, mode="eval").body)


@pytest.mark.parametrize(
    ("expression", "is_selected"),
    [("twice", True), ("Counted", True), ("lost", False), ("lost or twice", True),
     ("counted and lost", False), ("counted and not lost", True)],
)  # fmt: skip
def test_a_test_is_selected_as_pytest_does(expression: str, is_selected: bool) -> None:
    assert selects(expression, "test_nothing_is_counted_twice") == is_selected


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.name)
def test_the_protection_is_in_its_file_once(control: Control) -> None:
    source = (ROOT / control.path).read_text()
    assert source.count(control.protection) == 1
    if control.path.endswith(".py"):
        # Tests that cannot be collected would not be red.
        compile(source.replace(control.protection, control.instead), control.path, "exec")


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.name)
def test_the_tests_of_a_control_exist(control: Control) -> None:
    if control.vitest_folder:
        file, option, words = shlex.split(control.tests)
        assert option == "-t"
        names = re.findall(r'\b(?:test|it)\("(.+?)", ', (ROOT / file).read_text())
        assert any(words in name for name in names), f"no test is selected by: {control.tests}"
        return
    files, _, expression = control.tests.partition(" -k ")
    tests = [test for file in shlex.split(files) for test in ids_of_tests(ROOT / file)]
    [wanted] = shlex.split(expression) or ["test_"]
    assert any(selects(wanted, test) for test in tests), f"no test is selected by: {control.tests}"


def test_controls_have_names_of_their_own() -> None:
    assert len({control.name for control in CONTROLS}) == len(CONTROLS)
