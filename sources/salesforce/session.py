"""How one signs in to Salesforce: client credentials, whose answer does not say how long its token lives."""

from sources.grant import AuthSettings, ClientCredentials, Granted

SHORTEST_SESSION_SECONDS = 15 * 60.0
"""A session lives as long as the org says, and never less than this; one that ended before is signed in anew when it is refused."""


class SalesforceSession(ClientCredentials):
    def granted(self, settings: AuthSettings, content: bytes) -> Granted:
        granted = super().granted(settings, content)
        return granted if granted.life_seconds else granted._replace(life_seconds=SHORTEST_SESSION_SECONDS)
