"""`.ci/schema` in repositories of its own: held against the last tag, else against the newest copy, else not at all."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from resolvers.schema import printed, printed_for_routers

SCRIPT = Path(__file__).parents[2] / ".ci" / "schema"
CROSSDOCK = Path(sys.executable).parent / "crossdock"
SINCE = "\n0 breaking, 0 dangerous, 0 safe\n"


pytestmark = pytest.mark.uncovered  # programs of their own, and what they run is run by test_changes.py


class Said(NamedTuple):
    code: int
    out: str
    err: str


class Repository:
    def __init__(self, root: Path) -> None:
        self.root = root

    def begin(self) -> None:
        (self.root / ".ci").mkdir(parents=True)
        shutil.copy(SCRIPT, self.root / ".ci" / "schema")
        self.git("init", "--quiet")
        self.commit()

    def git(self, *arguments: str) -> None:
        identity = ("-c", "user.name=nobody", "-c", "user.email=nobody@example.test")
        subprocess.run(["git", *identity, *arguments], cwd=self.root, check=True)  # noqa: S603, S607 - git as it is found

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "a state of it")

    def released(self, version: str, addition: str = "") -> None:
        """Had the schema of today with `addition` behind it; where there is a tag is another matter."""
        copies = self.root / "docs" / "schema"
        copies.mkdir(parents=True, exist_ok=True)
        for kind, text in (("", printed()), (".federation", printed_for_routers())):
            (self.root / f"schema{kind}.graphql").write_text(text + addition)
            (copies / f"{version}{kind}.graphql").write_text(text + addition)
        self.commit()

    def tagged(self, version: str, addition: str = "") -> None:
        self.released(version, addition)
        self.git("tag", f"v{version}")

    def held(self) -> Said:
        environment = {**os.environ, "CROSSDOCK": str(CROSSDOCK)}
        done = subprocess.run(  # noqa: S603 - our own script
            [self.root / ".ci" / "schema"], env=environment, capture_output=True, text=True, check=False, timeout=60
        )
        return Said(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "origin")
    made.begin()
    return made


def removed(reason: str = "") -> str:
    """What is behind the schema of today, so that today it is gone."""
    deprecated = f' @deprecated(reason: "{reason}")' if reason else ""
    return f'\nextend type Viewer {{\n  "Gone."\n  gone: String{deprecated}\n}}\n'


def test_before_the_first_release_there_is_nothing_to_hold_it_against(repository: Repository) -> None:
    assert repository.held() == Said(0, "schema: no release yet, nothing to hold it against\n", "")


def test_the_last_tag_in_this_branchs_history_is_what_clients_and_routers_have(repository: Repository) -> None:
    repository.tagged("0.1.0", removed())
    repository.tagged("0.2.0")
    repository.git("checkout", "--quiet", "-b", "next")
    repository.tagged("0.3.0", removed())
    repository.git("checkout", "--quiet", "-")
    told = f"schema.graphql since 0.2.0:{SINCE}schema.federation.graphql since 0.2.0:{SINCE}"
    assert repository.held() == Said(0, told, "")


def test_what_a_tag_had_and_is_gone_without_a_word_fails(repository: Repository) -> None:
    repository.tagged("0.9.0")
    repository.tagged("0.10.0", removed())
    said = repository.held()
    assert said.code == 1
    assert said.out.count("breaking   Viewer.gone  field was removed; bring it back") == 2
    assert said.out.count("since 0.10.0:\n") == 2


def test_what_was_announced_and_whose_day_has_passed_may_go(repository: Repository) -> None:
    repository.tagged("0.1.0", removed("Nobody asked. Goes after 2026-01-31."))
    said = repository.held()
    assert said.code == 0
    assert said.out.count("announced: deprecated until 2026-01-31\n1 breaking (1 of them announced)") == 2


def test_a_clone_without_tags_has_the_newest_copy_of_a_release(repository: Repository) -> None:
    repository.tagged("0.9.0")
    repository.tagged("0.10.0", removed())
    clone = Repository(repository.root.parent / "clone")
    repository.git("clone", "--quiet", "--depth=1", "--no-tags", f"file://{repository.root}", str(clone.root))
    said = clone.held()
    assert said.code == 1
    assert said.out.startswith("schema.graphql since 0.10.0:\nbreaking   Viewer.gone")


def test_a_copy_that_is_not_what_was_tagged_is_refused(repository: Repository) -> None:
    repository.tagged("0.1.0", removed())
    copy = repository.root / "docs" / "schema" / "0.1.0.graphql"
    copy.write_text(printed())
    said = repository.held()
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("schema: docs/schema/0.1.0.graphql is not the schema.graphql of v0.1.0")
