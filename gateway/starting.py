"""What production must have before it starts: somebody who says who is who, and names that it is reached by."""

import logging

from gateway.console import page as console
from gateway.development_key import ISSUER
from gateway.identity import is_safe
from gateway.settings import Settings, SettingsError
from gateway.trusted import ManifestError, TrustedDocuments, opened_documents

_log = logging.getLogger("crossdock.security")


def check(settings: Settings) -> TrustedDocuments:
    """Raises SettingsError for a production gateway that would stand open, or a manifest that is none."""
    if settings.mode == "production":
        _check_production(settings)
    try:
        return opened_documents(settings.documents, console.documents() if settings.console.enabled else {})
    except ManifestError as error:
        raise SettingsError(f"{error} - at `$.documents.manifest`") from None


def _check_production(settings: Settings) -> None:
    identity = settings.identity
    if not identity.is_given:
        raise SettingsError('mode = "production" needs an identity provider, or keys - at `$.identity`')
    if identity.issuer == ISSUER:
        raise SettingsError("the development key's issuer opens no gateway in production - at `$.identity.issuer`")
    for name, system in settings.sources.named().items():
        if not is_safe(system.url):
            _log.warning("the %s system is asked without TLS: what it is sent and answers can be read on the way", name)
    if not settings.http.hosts:
        raise SettingsError('mode = "production" needs the names it is reached by - at `$.http.hosts`')
