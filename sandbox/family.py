"""The four servers as children of one process, which made the data once before it forked."""

import gc
import http.client
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from typing import NamedTuple

from sandbox.announce import announce, complain

_READY_SECONDS = 30.0
_STOP_SECONDS = 5.0
_PAUSE = 0.02
_SIGNALS = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGCHLD})


class Member(NamedTuple):
    name: str
    host: str
    port: int
    listening: socket.socket


class Family:
    """`work` runs in the child, with the socket and the pipe that tells the parent's end."""

    def __init__(self, members: list[Member], work: Callable[[Member, int], None]) -> None:
        self._members = members
        self._work = work
        self._children: dict[int, Member] = {}

    def run(self) -> int:
        gc.collect()
        gc.freeze()
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        reading, writing = os.pipe()
        for member in self._members:
            self._fork(member, (reading, writing))
        for member in self._members:
            member.listening.close()
        os.close(reading)
        try:
            return self._watch()
        finally:
            self._stop()

    def _fork(self, member: Member, pipe: tuple[int, int]) -> None:
        sys.stdout.flush()
        child = os.fork()
        if child:
            self._children[child] = member
            return
        code = 1
        try:
            os.close(pipe[1])
            self._become(member)
            self._work(member, pipe[0])
            code = 0
        except Exception:  # noqa: BLE001 - a child must never run on into the parent's code, whatever happens
            sys.excepthook(*sys.exc_info())
        finally:
            sys.stderr.flush()
            os._exit(code)

    def _become(self, member: Member) -> None:
        for other in self._members:
            if other is not member:
                other.listening.close()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)

    def _watch(self) -> int:
        for member in self._members:
            if not _answers(member, self._alive):
                complain(f"{member.name} did not start on port {member.port}")
                return 1
            announce(f"{member.name:8}http://{member.host}:{member.port}")
        announce("sandbox ready")
        while self._children:
            if signal.sigwait(_SIGNALS) != signal.SIGCHLD:
                return 0
            self._reap()
        complain("all four systems have ended")
        return 1

    def _alive(self) -> bool:
        """False when a child has ended or somebody wants us to end."""
        self._reap()
        wanted = {signal.SIGINT, signal.SIGTERM} & signal.sigpending()
        return not wanted and len(self._children) == len(self._members)

    def _reap(self) -> None:
        for child, member in list(self._children.items()):
            found, status = os.waitpid(child, os.WNOHANG)
            if found:
                del self._children[child]
                code = os.waitstatus_to_exitcode(status)
                complain(f"{member.name} has ended ({code}); the others go on")

    def _stop(self) -> None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            for child in self._children:
                os.kill(child, number)
            deadline = time.monotonic() + _STOP_SECONDS
            while self._children and time.monotonic() < deadline:
                self._bury()
                time.sleep(_PAUSE)

    def _bury(self) -> None:
        for child in list(self._children):
            if os.waitpid(child, os.WNOHANG)[0]:
                del self._children[child]


def _answers(member: Member, alive: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + _READY_SECONDS
    while alive() and time.monotonic() < deadline:
        connection = http.client.HTTPConnection(member.host, member.port, timeout=1)
        try:
            connection.request("GET", "/_sandbox/faults")
            connection.getresponse().read()
        except OSError:
            time.sleep(_PAUSE)
        else:
            return True
        finally:
            connection.close()
    return False
