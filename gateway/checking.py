"""`crossdock check SOURCE`: whether it is reached, lets the gateway in and answers what its connector offers; its clock, its limits."""

import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from gateway.contact import contact, place_of
from gateway.findings import Checked, Finding, Status
from gateway.settings import Settings, SettingsError
from gateway.source_settings import SystemSettings, path_of
from gateway.trials import NOBODYS, TRIALS, Keys, Trial, learn, rows_of
from sources.call import CallContext, Deadline
from sources.endpoint import Endpoint
from sources.errors import SourceContractBroken, SourceError, SourceRefused, SourceRejected
from sources.grant import NoWay
from sources.http import SourceClient
from sources.manifest import Manifest
from sources.registry import CONNECTORS, Connectors
from sources.retry import RetrySettings
from sources.viewer import SERVICE_DESK

SECONDS = 10.0
"""What each question may take; a source's own timeout bounds it further."""

SKEW_SECONDS, WRONG_SECONDS = 5.0, 300.0
"""A clock further off than the first is told of; further off than the second, signed deliveries and tokens are refused."""

_HTTP, _SIGN_IN, _CLOCK = "http", "sign-in", "clock"
_LIMITED = ("ratelimit", "rate-limit", "limit-info", "quota")
_MOST_TEXT = 100

_NEVER_PROBED = {"carrier"}
"""Some carriers begin to follow, and to bill, whatever number they are asked for."""


class Heard:
    """What the source's answers said beside their content."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.limits: dict[str, str] = {}
        self.skew_seconds: float | None = None

    def __call__(self, status: int, headers: Mapping[str, str]) -> None:
        self.statuses.append(status)
        self.limits |= {name: value for name, value in headers.items() if _tells_a_limit(name, value)}
        if self.skew_seconds is None and "Date" in headers:
            self.skew_seconds = _skew_seconds(headers["Date"])


def _tells_a_limit(name: str, value: str) -> bool:
    return any(part in name.lower() for part in _LIMITED) and value.isprintable() and len(value) <= _MOST_TEXT


def _skew_seconds(date: str) -> float | None:
    """How far its clock is ahead of ours; a date has whole seconds only."""
    try:
        moment = parsedate_to_datetime(date)
    except ValueError:
        return None
    return (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds() + 0.5


async def checked(
    settings: Settings, name: str, given: Mapping[str, str], connectors: Connectors = CONNECTORS
) -> Checked:
    """Raises SettingsError for a source or a key that is none. Nothing is written."""
    role, chosen = system_named(settings, name)
    manifest = connectors.get(chosen.connector)
    if manifest is None or role not in manifest.roles:
        raise SettingsError(f'"{chosen.connector}" is no connector for this role - at `{path_of(name)}.connector`')
    unknown = sorted(set(given) - set(Keys.__struct_fields__))
    if unknown:
        raise SettingsError(f'"{unknown[0]}" is no key; known: {", ".join(Keys.__struct_fields__)}')
    if not all(given.values()):
        raise SettingsError("a key is written with its value, as customer=C1")
    endpoint = msgspec.structs.replace(chosen.endpoint(name), retry=RetrySettings(attempts=1))
    try:
        place = place_of(chosen.url)
    except ValueError:
        raise SettingsError(f"the url's port is none - at `{path_of(name)}.url`") from None
    findings = await contact(endpoint, place)
    if all(each.status != "failed" for each in findings):
        try:
            findings += await _asked(endpoint, manifest, (role, chosen.options), Keys(**given))
        except NoWay as error:
            raise SettingsError(f"{error} - at `{path_of(name)}.auth`") from None
    return Checked(name, manifest.name, manifest.title, str(place), tuple(findings))


def system_named(settings: Settings, name: str) -> tuple[str, SystemSettings]:
    """The role that it plays, and its settings."""
    known = settings.sources.named()
    if name not in known:
        raise SettingsError(f'"{name}" is no source; known: {", ".join(known)}')
    return name.partition(".")[0], known[name]


async def _asked(
    endpoint: Endpoint, manifest: Manifest, plays: tuple[str, Mapping[str, Any]], keys: Keys
) -> list[Finding]:
    heard, (role, options) = Heard(), plays
    async with manifest.client(role, endpoint, heard) as client:
        connector = _made(manifest, role, client, options)
        try:
            was_granted = await client.sign_in(SECONDS)
        except SourceError as error:
            return [Finding(_SIGN_IN, "failed", told(error))]
        trials = _Trials(connector, manifest.offers[role], keys)
        findings = [each async for each in trials.all(TRIALS[role])]
        findings += await trials.probe(TRIALS[role]) if role not in _NEVER_PROBED else []
    return [*_seen(heard, trials, was_granted=was_granted), *findings, *_unwritten(manifest.offers[role], role)]


def _made(manifest: Manifest, role: str, client: SourceClient, options: Mapping[str, Any]) -> Any:
    try:
        return manifest.connector(role, client, options)
    except msgspec.ValidationError as error:
        raise SettingsError(f"the options of {client.name} do not fit: {error}") from None


class _Trials:
    """One read of each capability that is offered, and what became of all of them."""

    def __init__(self, connector: Any, offers: frozenset[str], keys: Keys) -> None:
        self._connector, self._offers, self._keys = connector, offers, keys
        self.errors: list[SourceError] = []
        self.answered = 0

    async def all(self, trials: Sequence[Trial]) -> AsyncIterator[Finding]:
        for trial in trials:
            if trial.name in self._offers:
                yield await self._one(trial)

    async def probe(self, trials: Sequence[Trial]) -> list[Finding]:
        """Where nothing could be asked: one question for what nobody has, for even "there is none" says that it answers."""
        fit = [each for each in trials if each.name in self._offers and each.needs and "company" not in each.needs]
        if self.answered or self.errors or not fit:
            return []
        keys = Keys(**dict.fromkeys(fit[0].needs, NOBODYS))
        finding = await self._one(fit[0], keys)
        said = f"asked for {NOBODYS}, which nobody has, it answers" if finding.status != "failed" else finding.told
        return [msgspec.structs.replace(finding, check="probe", status=_probed(finding.status), told=said)]

    async def _one(self, trial: Trial, given: Keys | None = None) -> Finding:
        keys = given or self._keys
        lacking = keys.lacks(trial.needs)
        if lacking:
            wanted = " ".join(f"--key {name}=…" for name in lacking)
            return Finding(trial.name, "untried", f"it is asked with a key that no search found: {wanted}")
        begun = time.perf_counter()
        call = CallContext(SERVICE_DESK, Deadline.after(SECONDS), "check", max_age_seconds=0)
        try:
            answer = await trial.ask(self._connector, call, keys)
        except SourceError as error:
            return self._failed(trial, error)
        wrong = next((row for row in rows_of(answer) if isinstance(row, SourceError)), None)
        if wrong is not None:
            return self._failed(trial, wrong)
        self.answered += 1
        learn(keys, answer)
        milliseconds = (time.perf_counter() - begun) * 1000
        return _answered(answer, trial, keys, milliseconds)

    def _failed(self, trial: Trial, error: SourceError) -> Finding:
        self.errors.append(error)
        return Finding(trial.name, "failed", told(error))


def _probed(status: Status) -> Status:
    return "failed" if status == "failed" else "ok"


def _answered(answer: Any, trial: Trial, keys: Keys, milliseconds: float) -> Finding:
    rows = len(rows_of(answer))
    if rows or not trial.needs:
        return Finding(trial.name, "ok", f"{rows} row{'' if rows == 1 else 's'}", milliseconds)
    asked = ", ".join(f"{name} {getattr(keys, name)}" for name in trial.needs)
    return Finding(trial.name, "warning", f"it answers, and has nothing for {asked}", milliseconds)


def told(error: SourceError) -> str:
    """An error in plain words: its sentence, and what is known of it without anything that the source said."""
    more = error.detail
    if isinstance(error, SourceRejected):
        more = f"{error.reason}{', ' if error.detail else ''}{error.detail}"
    elif isinstance(error, SourceContractBroken):
        more = f"at {error.path}{', ' if error.detail else ''}{error.detail}"
    return f"{error} ({more})" if more else str(error)


# ---------------------------------------------------------------- what all of it says together


def _seen(heard: Heard, trials: _Trials, *, was_granted: bool) -> Iterator[Finding]:
    yield _http(heard, trials)
    yield _sign_in(trials, was_granted=was_granted)
    yield _clock(heard.skew_seconds)
    limits = ", ".join(f"{name}: {value}" for name, value in sorted(heard.limits.items()))
    yield Finding("limits", "ok" if limits else "untried", limits or "its answers do not say what is left of them")


def _http(heard: Heard, trials: _Trials) -> Finding:
    if heard.statuses:
        return Finding(_HTTP, "ok", f"it speaks HTTP (status {', '.join(map(str, sorted(set(heard.statuses))))})")
    if trials.errors:
        return Finding(_HTTP, "failed", f"the port is open, but no answer came: {told(trials.errors[0])}")
    return Finding(_HTTP, "untried", "nothing could be asked")


def _sign_in(trials: _Trials, *, was_granted: bool) -> Finding:
    refused = [each for each in trials.errors if isinstance(each, SourceRefused)]
    if trials.answered and refused:
        return Finding(_SIGN_IN, "warning", "the credentials are taken, and lack the right to some of what is offered")
    if refused:
        return Finding(_SIGN_IN, "failed", told(refused[0]))
    if trials.answered:
        return Finding(_SIGN_IN, "ok", "the credentials are taken")
    if was_granted:
        return Finding(_SIGN_IN, "ok", "a token was granted; nothing was answered with it yet")
    return Finding(_SIGN_IN, "untried", "nothing was answered that needs the credentials")


def _clock(skew: float | None) -> Finding:
    if skew is None:
        return Finding(_CLOCK, "untried", "its answers do not say what time it is there")
    way = "ahead of" if skew > 0 else "behind"
    if abs(skew) <= SKEW_SECONDS:
        return Finding(_CLOCK, "ok", "its clock and this machine's agree")
    status: Status = "warning" if abs(skew) <= WRONG_SECONDS else "failed"
    return Finding(_CLOCK, status, f"its clock is {abs(skew):.0f} s {way} this machine's")


def _unwritten(offers: frozenset[str], role: str) -> list[Finding]:
    reads = {trial.name for trial in TRIALS[role]}
    return [Finding(name, "untried", "it would change something") for name in sorted(offers - reads)]
