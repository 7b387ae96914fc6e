"""botocore's credentials, refreshed without a log handler of the application being felt."""

from __future__ import annotations

from typing import Any

from botocore.credentials import Credentials

from dynrepo.aws.errors import unsent
from dynrepo.aws.foreign_logs import fenced_logs


class FencedCredentials:
    """Credentials whose refresh may log."""

    def __init__(self, credentials: Any) -> None:
        self._credentials = credentials

    @property
    def account_id(self) -> str | None:
        """The account that they are of, for which botocore refreshes them too; else a `NotSent`."""
        try:
            with fenced_logs():
                account: str | None = self._credentials.account_id
        except AttributeError:  # this botocore has no such name
            raise
        except Exception as error:
            raise unsent(error) from error
        return account

    def get_frozen_credentials(self) -> Any:
        """The credentials to sign the next request with, refreshed if they are about to expire."""
        with fenced_logs():
            return self._credentials.get_frozen_credentials()


def fenced(credentials: Any) -> Any:
    """The credentials, as they are where they never change, and so never log."""
    return credentials if type(credentials) is Credentials else FencedCredentials(credentials)
