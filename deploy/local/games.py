"""Serve the demo games on ports of their own, by an nginx beside Tidemark."""

from __future__ import annotations

import signal
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.local import gateway, options
from deploy.local.children import Child
from deploy.local.preflight import require_free_port
from deploy.nginx.games import GAMES, TEMPLATE
from deploy.nginx.template import fill

STOP_SIGNAL = signal.SIGQUIT
"""nginx finishes its requests first."""
_PORTS = {"snake": 8081, "flappy": 8082}
_START_SECONDS = 20


@dataclass(frozen=True, slots=True)
class GamePorts:
    """Where the games are, and where Tidemark is."""

    games: Mapping[str, int]
    """The port of each game."""
    tidemark: int
    """The port of Tidemark's gateway."""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> GamePorts:
        """Return the ports: ``SNAKE_PORT``, ``FLAPPY_PORT`` and ``PORT``.

        Raises:
            CannotStart: one of them is not a port.
        """
        games = {
            game: options.port(environ, f"{game.upper()}_PORT", _PORTS[game]) for game in GAMES
        }
        return cls(games, options.port(environ))

    def url(self, game: str) -> str:
        """Return the address of a game."""
        return f"http://127.0.0.1:{self.games[game]}/"


def start_games(data_dir: Path, ports: GamePorts) -> int:
    """Start the nginx of the games and return its pid once both answer.

    Args:
        data_dir: gets a folder for the files that nginx writes.
        ports: where.

    Raises:
        CannotStart: a port is in use, or nginx does not start.
    """
    for game, port in ports.games.items():
        require_free_port(port, f"{game.upper()}_PORT", "make start-games")
    folder = data_dir / "run" / "games"
    child = Child("The nginx of the games", data_dir / "logs" / "games.log")
    command: list[str | Path] = [gateway.binary(), "-e", "stderr", "-c", configure(folder, ports)]
    child.log.parent.mkdir(exist_ok=True)
    child.start(
        command,
        lambda: all(_answers(ports.url(game)) for game in GAMES),
        seconds=_START_SECONDS,
    )
    return child.pid


def configure(folder: Path, ports: GamePorts) -> Path:
    """Write the configuration of the games' nginx, and return its path.

    Args:
        folder: the parent of all files that nginx writes.
        ports: where.

    Raises:
        CannotStart: the folder's path is not valid in the configuration.
    """
    gateway.make_folder(folder)
    static = {name: gateway.ROOT / gateway.STATIC_FILES[name] for name in ("DEMO_ROOT", "SDK_ROOT")}
    values = {
        "RESOLVER": "",
        "TIDEMARK": f"127.0.0.1:{ports.tidemark}",
        **{f"{game.upper()}_LISTEN": f"127.0.0.1:{port}" for game, port in ports.games.items()},
        **{name: str(path) for name, path in static.items()},
    }
    filled = folder / "games.conf"
    filled.write_text(fill(TEMPLATE.read_text(), values))
    return gateway.write_main(folder, filled.name, static.values())


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):  # noqa: S310 (our own server)
            return True
    except OSError:
        return False
