"""Whom the machine trusts is read once, and is not everybody."""

import ssl

from sources.authorities import trusted


def test_certificates_and_names_are_checked_by_authorities_that_are_read_once() -> None:
    assert trusted() is trusted()
    assert (trusted().verify_mode, trusted().check_hostname) == (ssl.CERT_REQUIRED, True)
