"""Files that make run cannot start without: written whole, or not at all."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.installation import stored_secret, write_private
from tests.conftest import ROOT

_WRITE = {
    "secret_key": "stored_secret(Path(sys.argv[1]))",
    "roles.json": 'write_private(Path(sys.argv[1]), {"owner": "a", "write": "b"})',
}


@pytest.mark.parametrize("name", _WRITE)
def test_a_full_disk_leaves_no_empty_file(tmp_path: Path, name: str) -> None:
    code = (
        "import sys\nfrom pathlib import Path\n"
        "from deploy.local.installation import stored_secret, write_private\n" + _WRITE[name]
    )
    done = subprocess.run(
        [sys.executable, "-B", "-c", code, str(tmp_path / name)],
        cwd=ROOT,
        # As when a disk is full: a file can be created, and nothing written to it.
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)),
        capture_output=True,
        check=False,
    )
    assert done.returncode != 0
    assert not (tmp_path / name).exists()


def test_only_the_owner_can_read_them_and_a_draft_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "secret_key.new").touch(0o644)
    secret = stored_secret(tmp_path / "secret_key")
    assert len(secret) == 64
    assert stored_secret(tmp_path / "secret_key") == secret
    write_private(tmp_path / "roles.json", {"owner": "a"})
    write_private(tmp_path / "roles.json", {"owner": "b"})
    assert '"owner": "b"' in (tmp_path / "roles.json").read_text()
    for path in tmp_path.iterdir():
        assert path.stat().st_mode & 0o777 == 0o600
    assert {path.name for path in tmp_path.iterdir()} == {"secret_key", "roles.json"}
