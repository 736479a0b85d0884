"""The samples of README, docs and the Python SDK are run against a real installation.

A document's ``sh`` blocks run one after the other in one shell, ``python`` blocks on their own. A
``json`` or ``text`` block right after one of them is its output; other ``json`` blocks only have
to be JSON, and with the word ``filters`` a filter that a question accepts. What cannot be run here
says ``not-run`` on its fence.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import pytest
import requests

from tests.conftest import ROOT, Installation, environment_without_servers
from tests.docs.markdown import Block, blocks, difference, documents

RUNNABLE = {"sh", "python"}
_OUTSIDE_DOCS = (ROOT / "README.md", ROOT / "sdk/python/README.md")
_TESTED_ELSEWHERE = {"metrics.md", "day-files.md"}
MAX_NOT_RUN = 5
"""So many blocks may say that they cannot be run."""


def sample_documents() -> list[Path]:
    """Return those of README, docs and the Python SDK with samples that no other test runs."""
    return [
        path
        for path in documents()
        if (path in _OUTSIDE_DOCS or path.is_relative_to(ROOT / "docs"))
        and path.name not in _TESTED_ELSEWHERE
        and any(is_run(block) or block.language == "json" for block in blocks(path))
    ]


def is_run(block: Block) -> bool:
    """Whether a block is a program that can be run here."""
    return block.language in RUNNABLE and "not-run" not in block.words


class Shell:
    """One shell for all samples of a document: what one block sets, the next one knows."""

    def __init__(self, environment: dict[str, str], errors: TextIO) -> None:
        self._errors = errors
        self._process = subprocess.Popen(
            ["bash", "--noprofile", "--norc"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )

    def run(self, block: Block, program: str) -> str:
        """The output of a block; fails when a command of it does."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        mark = uuid.uuid4().hex
        # The shell reads this program from its input; what the program runs must not.
        self._process.stdin.write(f"{{\n{program}\n}} < /dev/null\nprintf '\\n{mark} %s\\n' $?\n")
        self._process.stdin.flush()
        lines: list[str] = []
        for line in self._process.stdout:
            if line.startswith(mark):
                code = line.split()[1]
                break
            lines.append(line)
        else:
            code = "none: the shell ended"
        output = "".join(lines)
        assert code == "0", f"{block} ends with {code}\n{output}\n{self._said()}"
        return output

    def close(self) -> None:
        """End the shell."""
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()
        self._process.wait(10)

    def _said(self) -> str:
        return Path(self._errors.name).read_text()[-2000:]


@contextmanager
def shell(environment: dict[str, str], errors: Path) -> Iterator[Shell]:
    """A shell that ends with the block."""
    with errors.open("w") as stream:
        opened = Shell(environment, stream)
        try:
            yield opened
        finally:
            opened.close()


def filled_in(text: str, installation: Installation, project: dict[str, Any]) -> str:
    """A sample with this installation's address, project and keys."""
    for placeholder, value in {
        "http://127.0.0.1:8000": installation.url,
        "https://stats.example.com": installation.url,
        "sk_your_secret_key": project["secret_key"],
        "pk_YOUR_PUBLIC_KEY": project["public_key"],
        "sk_YOUR_SECRET_KEY": project["secret_key"],
        "PROJECT=1\n": f"PROJECT={project['id']}\n",
        "--project 1": f"--project {project['id']}",
    }.items():
        text = text.replace(placeholder, str(value))
    return text


@pytest.mark.parametrize("path", sample_documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_samples_answer_as_the_document_shows(
    installation: Installation, path: Path, tmp_path: Path
) -> None:
    project = installation.new_project(f"Samples of {path.name}")
    environment = {
        **environment_without_servers(),
        "DATA_DIR": str(installation.data_dir),
        "PYTHONPATH": str(ROOT / "sdk/python/src"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }
    before: Block | None = None
    output = ""
    with shell(environment, tmp_path / "errors") as opened:
        for block in blocks(path):
            text = filled_in(block.text, installation, project)
            if is_run(block):
                program = text if block.language == "sh" else as_python(text, tmp_path)
                output = opened.run(block, program)
                installation.wait_until_stored()
            elif block.language == "json":
                shown = json.loads(text)
                if "filters" in block.words:
                    accept_filter(installation, project, block, shown)
                elif before is not None and is_run(before):
                    different = difference(shown, json.loads(output))
                    assert different is None, f"{block}: {different}\n{output}"
            elif block.language == "text" and before is not None and is_run(before):
                assert output.strip() == text.strip(), str(block)
            before = block


def as_python(text: str, folder: Path) -> str:
    """The command that runs a Python sample, and fails if the sample logs a warning."""
    script = folder / f"{uuid.uuid4().hex}.py"
    script.write_text(text)
    errors = script.with_suffix(".errors")
    return (
        f"'{sys.executable}' '{script}' 2> '{errors}'; code=$?; cat '{errors}' >&2\n"
        f"[ $code = 0 ] && [ ! -s '{errors}' ]"
    )


def accept_filter(
    installation: Installation, project: dict[str, Any], block: Block, filters: Any
) -> None:
    """Fail unless a question takes the filter."""
    response = requests.post(
        f"{installation.url}/api/v1/analytics/{project['id']}/insights/trends",
        json={"series": [{"event": None}], "filters": filters},
        headers={"X-API-Key": project["secret_key"]},
        timeout=30,
    )
    assert response.status_code == 200, f"{block}: {response.text}"


def test_few_samples_are_not_run() -> None:
    found = [block for path in sample_documents() for block in blocks(path)]
    not_run = [str(block) for block in found if "not-run" in block.words]
    run = [str(block) for block in found if is_run(block)]
    assert len(not_run) <= MAX_NOT_RUN, not_run
    assert len(run) > len(not_run)
