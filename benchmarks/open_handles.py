"""What a process holds open: files, and sockets by who is at their other end. Of Linux, where all of them are of one network namespace."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Final

LISTENING: Final = "0A"


def held(pid: int, names: Mapping[int, str]) -> Counter[str]:
    """How many of each kind. `names`: what is served at a port, this process's own among them: who came there is called by that name."""
    sockets = _sockets(names)
    return Counter(_kind(link, sockets) for link in _links(pid))


def _links(pid: int) -> list[str]:
    folder, links = Path(f"/proc/{pid}/fd"), []
    for each in folder.iterdir():
        try:
            links.append(str(each.readlink()))
        except FileNotFoundError:  # closed meanwhile
            continue
    return links


def _kind(link: str, sockets: Mapping[str, str]) -> str:
    if link.startswith("socket:"):
        return sockets.get(link[len("socket:[") : -1], "other sockets")
    return "files and pipes"


def _sockets(names: Mapping[int, str]) -> dict[str, str]:
    """By the inode of each TCP socket, who is at its other end."""
    found = {}
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, remote, state, *_, inode = line.split()[:10]
        at, to = (int(each.rpartition(":")[2], 16) for each in (local, remote))
        if state == LISTENING:
            found[inode] = "listening"
        else:
            found[inode] = names.get(to) or names.get(at, "other sockets")
    return found
