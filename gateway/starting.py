"""What production must have before it starts: somebody who says who is who, and names that it is reached by."""

from gateway.development_key import ISSUER
from gateway.settings import Settings, SettingsError


def check(settings: Settings) -> None:
    """Raises SettingsError for a production gateway that would stand open."""
    if settings.mode != "production":
        return
    identity = settings.identity
    if not identity.is_given:
        raise SettingsError('mode = "production" needs an identity provider, or keys - at `$.identity`')
    if identity.issuer == ISSUER:
        raise SettingsError("the development key's issuer opens no gateway in production - at `$.identity.issuer`")
    if not settings.http.hosts:
        raise SettingsError('mode = "production" needs the names it is reached by - at `$.http.hosts`')
