"""crossdock serve · demo · schema · explain · documents · token · key · letters · conform · check · sources · new-source."""

import os
import sys
from pathlib import Path
from typing import TextIO

import click


@click.group()
def main() -> None:
    """A GraphQL data gateway for wholesale distributors."""


@main.command()
@click.option("--config", type=click.Path(path_type=Path), default=None, help="crossdock.toml; else CROSSDOCK_CONFIG.")
@click.option("--pretty", is_flag=True, help="Logs for people instead of JSON lines.")
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes on one socket.")
def serve(config: Path | None, *, pretty: bool, workers: int) -> None:
    """Serve the gateway over the systems that the settings name."""
    from gateway import garbage  # noqa: PLC0415 - a command pays only for what it needs
    from gateway import workers as several  # noqa: PLC0415

    path = config or Path(os.environ.get("CROSSDOCK_CONFIG", "crossdock.toml"))
    with garbage.paused(), several.sharing_figures(workers):
        from gateway.app import create_app  # noqa: PLC0415 - after the environment says where figures are kept
        from gateway.serving import serve as serve_app  # noqa: PLC0415
        from gateway.settings import SettingsError, read_settings  # noqa: PLC0415
        from gateway.telemetry.logs import chosen, logging_to  # noqa: PLC0415

        try:
            settings = read_settings(path)
            if workers > 1:
                several.check(settings)
                several.serve(settings, workers, chosen(settings.telemetry.logs, pretty=pretty))
            with logging_to(sys.stderr, chosen(settings.telemetry.logs, pretty=pretty)):
                serve_app(
                    create_app(settings),
                    notice_seconds=settings.notice_seconds,
                    host=settings.host,
                    port=settings.port,
                )
        except SettingsError as error:
            raise click.ClickException(str(error)) from error


@main.command()
@click.option(
    "--port", default=8000, show_default=True, help="The gateway's; the four systems follow on the next ones."
)
@click.option(
    "--data", type=click.Path(path_type=Path), default=None, help="Wide World Importers' folder; else generated."
)
@click.option("--tryton", is_flag=True, help="With a real Tryton as the ERP and the WMS; `make tryton` prepares it.")
def demo(*, port: int, data: Path | None, tryton: bool) -> None:
    """Start the sandbox systems and a gateway over them."""
    from gateway import demo as demonstration  # noqa: PLC0415
    from gateway import demo_tryton  # noqa: PLC0415

    if tryton:
        demo_tryton.run(port)
    else:
        demonstration.run(port, data)


@main.command()
@click.option(
    "--check",
    "old",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    default=None,
    help="Tell what has changed since this file: breaking, dangerous, safe. Ends with 1 where clients would break.",
)
@click.option("--json", "as_json", is_flag=True, help="With --check: as JSON instead of text.")
@click.option(
    "--same", type=click.Path(path_type=Path), default=None, help="Tell whether this file is what is printed."
)
@click.option("--federation", is_flag=True, help="As a subgraph, for composition: with keys, scopes and the like.")
@click.option(
    "--no-scopes", is_flag=True, help="Without @authenticated and @requiresScopes, which some gateways refuse."
)
def schema(old: Path | None, same: Path | None, *, as_json: bool, federation: bool, no_scopes: bool) -> None:
    """Print the schema, or compare it with one that was printed before."""
    from resolvers.schema import printed, printed_for_routers  # noqa: PLC0415

    text = printed_for_routers(with_scopes=not no_scopes) if federation else printed()
    if same is not None and (not same.exists() or same.read_text() != text):
        raise click.ClickException(f"{same} is not what the code prints: run `make schema` and commit it")
    if old is not None:
        _tell_changes(old, text, as_json=as_json)
    elif same is None:
        click.echo(text, nl=False)


def _tell_changes(old: Path, text: str, *, as_json: bool) -> None:
    from datetime import UTC, datetime  # noqa: PLC0415

    import orjson  # noqa: PLC0415

    from gateway import schema_changes  # noqa: PLC0415

    try:
        found = schema_changes.changes(old.read_text(), text, datetime.now(UTC).date())
    except (UnicodeDecodeError, schema_changes.NotASchema) as error:
        raise click.ClickException(f"{old} is no schema: {error}") from error
    plain = schema_changes.as_plain(found)
    click.echo(orjson.dumps(plain, option=orjson.OPT_INDENT_2).decode() if as_json else schema_changes.as_text(found))
    sys.exit(1 if plain["breaks"] else 0)


@main.command()
@click.argument("file", type=click.File())
@click.option("--variables", default="{}", help="The query's variables as JSON.")
@click.option("--operation", default=None, help="Which operation, where the file holds several.")
@click.option(
    "--config", type=click.Path(path_type=Path), default=None, help="crossdock.toml; else the demo's systems."
)
@click.option("--run", is_flag=True, help="Also ask, and tell what happened.")
@click.option("--json", "as_json", is_flag=True, help="As JSON instead of text.")
def explain(
    file: TextIO, *, variables: str, operation: str | None, config: Path | None, run: bool, as_json: bool
) -> None:
    """Tell what the query in FILE asks of which system, level by level."""
    import asyncio  # noqa: PLC0415

    import orjson  # noqa: PLC0415

    from gateway.demo import demo_settings  # noqa: PLC0415
    from gateway.explaining import as_text, explanation  # noqa: PLC0415
    from gateway.explanation import NotExplained  # noqa: PLC0415
    from gateway.settings import SettingsError, read_settings  # noqa: PLC0415

    try:
        settings = read_settings(config) if config is not None else demo_settings(8000)
        values = orjson.loads(variables)
        found = asyncio.run(explanation(settings, file.read(), values, name=operation, run=run))
    except orjson.JSONDecodeError as error:
        raise click.ClickException(f"--variables is no JSON: {error}") from None
    except (NotExplained, SettingsError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2).decode() if as_json else as_text(found))


@main.group()
def documents() -> None:
    """Trusted documents."""


@documents.command()
@click.argument("manifest", type=click.Path(path_type=Path))
def check(manifest: Path) -> None:
    """Tell which documents of MANIFEST the schema, or the limits, would refuse."""
    from gateway.operation import documents as known  # noqa: PLC0415
    from gateway.trusted import ManifestError, read_manifest  # noqa: PLC0415

    try:
        texts = read_manifest(manifest)
    except ManifestError as error:
        raise click.ClickException(str(error)) from error
    wrong = 0
    for name, text in texts.items():
        errors = known.prepared(text).errors
        wrong += bool(errors)
        for each in errors:
            click.echo(f"{name}: {each.message}")
    click.echo(f"{len(texts)} documents, {wrong} of them refused")
    sys.exit(1 if wrong else 0)


@main.command()
@click.option("--subject", default="tester", show_default=True, help="Who it is for.")
@click.option("--scope", "scopes", multiple=True, help="What it allows; may be repeated; every scope if left out.")
@click.option(
    "--company", "companies", multiple=True, default=("*",), help="A legal entity; may be repeated; else all."
)
@click.option("--customer", "customers", multiple=True, default=("*",), help="An account; may be repeated; else all.")
@click.option("--hours", default=12.0, show_default=True, help="How long it holds.")
def token(
    *, subject: str, scopes: tuple[str, ...], companies: tuple[str, ...], customers: tuple[str, ...], hours: float
) -> None:
    """Make a test token, which opens a gateway in development mode and no other."""
    from gateway import development_key  # noqa: PLC0415
    from sources.viewer import SCOPES  # noqa: PLC0415

    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown:
        raise click.ClickException(f"{unknown[0]} is no scope; known: {', '.join(SCOPES)}")
    bearer = development_key.Bearer(subject, scopes or tuple(SCOPES), companies, customers)
    click.echo(development_key.token(bearer, hours=hours))


@main.command()
@click.argument("name")
def key(name: str) -> None:
    """Make an API key for the machine NAME: the key, shown once, and the hash that goes into crossdock.toml."""
    import re  # noqa: PLC0415

    from gateway.auth import hashed, new_key  # noqa: PLC0415

    if not re.fullmatch(r"[a-z0-9-]{1,40}", name):
        raise click.ClickException("a name is made of a-z, 0-9 and -, at most 40 of them")
    made = new_key(name)
    click.echo(f"key:  {made}\nhash: {hashed(made)}")


@main.command()
@click.option("--config", type=click.Path(path_type=Path), default=None, help="crossdock.toml; else CROSSDOCK_CONFIG.")
@click.option("--send", is_flag=True, help="Send again what could not be told.")
@click.option("--drop", type=int, default=None, help="Throw away the letter with this number.")
def letters(config: Path | None, *, send: bool, drop: int | None) -> None:
    """List what could not be understood, or told: number, source, when, further attempts, why."""
    import asyncio  # noqa: PLC0415

    from gateway import replaying  # noqa: PLC0415
    from gateway.settings import SettingsError, read_settings  # noqa: PLC0415

    try:
        settings = read_settings(config or Path(os.environ.get("CROSSDOCK_CONFIG", "crossdock.toml")))
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    if drop is not None and not asyncio.run(replaying.dropped(settings, drop)):
        raise click.ClickException(f"there is no letter {drop}")
    if send:
        click.echo(asyncio.run(replaying.sent_again(settings)))
    click.echo(asyncio.run(replaying.listed(settings)))


@main.command()
@click.argument("sender")
@click.option("--role", default="erp", help="The system to ask: its role, or one of several, as erp.us.")
@click.option("--config", type=click.Path(path_type=Path), default=None, help="crossdock.toml; else CROSSDOCK_CONFIG.")
def subscribe(sender: str, *, role: str, config: Path | None) -> None:
    """Have a system tell of changes at /webhooks/SENDER, or go on telling: where subscriptions end by themselves, run it every day."""
    import asyncio  # noqa: PLC0415

    from gateway.settings import SettingsError, read_settings  # noqa: PLC0415
    from gateway.subscribing import subscribed  # noqa: PLC0415

    try:
        settings = read_settings(config or Path(os.environ.get("CROSSDOCK_CONFIG", "crossdock.toml")))
        text, is_whole = asyncio.run(subscribed(settings, sender, role))
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    click.echo(text)
    sys.exit(0 if is_whole else 1)


@main.command()
@click.argument("url")
@click.option("--role", type=click.Choice(["erp", "crm", "wms", "carrier"]), required=True)
@click.option("--token", default="", help="The bearer token your server asks for.")
@click.option("--write", is_flag=True, help="Also write: orders, their release, a note (as the role has them).")
@click.option("--sample", multiple=True, help="A key to ask for, as customer=C1; may be repeated.")
def conform(url: str, *, role: str, token: str, write: bool, sample: tuple[str, ...]) -> None:
    """Tell what a home-made contract server at URL gets wrong."""
    import asyncio  # noqa: PLC0415

    from gateway.conforming import conformed  # noqa: PLC0415

    text, is_good = asyncio.run(conformed(url, role=role, token=token, write=write, samples=sample))
    click.echo(text)
    sys.exit(0 if is_good else 1)


@main.command()
@click.option("--write", type=click.Path(path_type=Path, exists=True), default=None, help="Into this page's table.")
def sources(write: Path | None) -> None:
    """List the connectors: what of each role they offer, and how that was proven."""
    from gateway import catalogue  # noqa: PLC0415

    if write is None:
        click.echo(catalogue.as_markdown(), nl=False)
        return
    try:
        catalogue.write(write)
    except ValueError as error:
        raise click.ClickException(f"{write}: {error}") from error


@main.command("check")
@click.argument("source")
@click.option("--config", type=click.Path(path_type=Path), default=None, help="crossdock.toml; else CROSSDOCK_CONFIG.")
@click.option("--key", "given", multiple=True, help="A record to ask for, as customer=C1; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="As JSON instead of text.")
def check_source(source: str, *, config: Path | None, given: tuple[str, ...], as_json: bool) -> None:
    """Tell whether SOURCE is reached, lets the gateway in and answers what it offers. Nothing is written there."""
    import asyncio  # noqa: PLC0415

    import orjson  # noqa: PLC0415

    from gateway.checking import checked  # noqa: PLC0415
    from gateway.findings import as_plain, as_text  # noqa: PLC0415
    from gateway.settings import SettingsError, read_settings  # noqa: PLC0415

    keys = dict(each.partition("=")[::2] for each in given)
    try:
        settings = read_settings(config or Path(os.environ.get("CROSSDOCK_CONFIG", "crossdock.toml")))
        found = asyncio.run(checked(settings, source, keys))
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    click.echo(orjson.dumps(as_plain(found), option=orjson.OPT_INDENT_2).decode() if as_json else as_text(found))
    sys.exit(0 if found.is_good else 1)


@main.command("new-source")
@click.argument("name")
@click.option("--role", "roles", type=click.Choice(["erp", "crm", "wms", "carrier"]), multiple=True, required=True)
@click.option("--title", default=None, help="What people call it; else made of its name.")
def new_source(name: str, *, roles: tuple[str, ...], title: str | None) -> None:
    """Make the skeleton of a connector, in this checkout: docs/adding-a-source.md tells what to fill it with."""
    from gateway.skeleton import NotMade, Vendor, made  # noqa: PLC0415

    vendor = Vendor(name, title or name.replace("_", " ").title(), tuple(dict.fromkeys(roles)))
    root = Path.cwd()
    try:
        for path in made(root, vendor):
            click.echo(path.relative_to(root))
    except NotMade as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"\nNext: docs/adding-a-source.md, and `python -m pytest tests/connectors -k {name}`")
