"""Asking a helpdesk's web API: one address, one token, answers of bounded size, troubles in plain words."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from supportdesk.channels.server import Server, plain, said
from supportdesk.errors import BadSettings, ChannelTrouble

_LARGEST = 64 * 1024 * 1024


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect could take the token elsewhere: it is told, not followed."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Api:
    """A helpdesk's address and the headers it wants."""

    def __init__(
        self, url: str, headers: Mapping[str, str], secret: str, *, timeout: float, ca: str = "", insecure: bool = False
    ) -> None:
        """Ask this address. Raises BadSettings where the token would travel in clear."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        if not host:
            raise BadSettings(f"{url} is no helpdesk's address; write https://support.example.org.")
        if parts.scheme != "https" and host not in ("localhost", "127.0.0.1", "::1") and not insecure:
            raise BadSettings(f"The token for {host} would travel in clear: use https, or set insecure.")
        self._base = url.rstrip("/")
        self._headers = {"Accept": "application/json", "User-Agent": "supportdesk", **headers}
        self._secret = secret
        self._server = Server(host, parts.port or (443 if parts.scheme == "https" else 80), timeout=timeout, ca=ca,
                              insecure=insecure)  # fmt: skip
        handlers: list[urllib.request.BaseHandler] = [_NoRedirects()]
        if parts.scheme == "https":
            handlers.append(urllib.request.HTTPSHandler(context=self._server.context()))
        self._opener = urllib.request.build_opener(*handlers)

    @property
    def host(self) -> str:
        """Whom it asks."""
        return self._server.host

    def get(self, *path: object, **query: object) -> Any:
        """The JSON at a path. Raises ChannelTrouble."""
        return self._ask("GET", path, query, None)

    def post(self, *path: object, body: object, **query: object) -> Any:
        """The JSON that a question with a body gets; for searches only. Raises ChannelTrouble."""
        return self._ask("POST", path, query, json.dumps(body).encode())

    def _ask(self, method: str, path: tuple[object, ...], query: Mapping[str, object], body: bytes | None) -> Any:
        where = "/".join(quote(str(part), safe="/") for part in path)
        url = f"{self._base}/{where}" + (f"?{urlencode(dict(query))}" if query else "")
        headers = {**self._headers, **({"Content-Type": "application/json"} if body else {})}
        request = urllib.request.Request(url, body, headers, method=method)  # noqa: S310 (http and https only)
        try:
            with self._opener.open(request, timeout=self._server.timeout) as answer:
                data = answer.read(_LARGEST + 1)
        except urllib.error.HTTPError as trouble:
            raise ChannelTrouble(self._refused(trouble)) from None
        except urllib.error.URLError as trouble:
            why = trouble.reason if isinstance(trouble.reason, Exception) else trouble
            raise ChannelTrouble(f"{plain(why, self._server, self._secret)}.") from None
        except (OSError, http.client.HTTPException) as trouble:
            raise ChannelTrouble(f"{plain(trouble, self._server, self._secret)}.") from None
        if len(data) > _LARGEST:
            raise ChannelTrouble(f"{self.host} answers more than {_LARGEST:,} bytes to one question.")
        try:
            return json.loads(data)
        except (ValueError, RecursionError):
            raise ChannelTrouble(f"{self.host} answers {where} with something that is no JSON; check url.") from None

    def _refused(self, trouble: urllib.error.HTTPError) -> str:
        with trouble:
            words = said(trouble.read(2000), self._secret)
        if 300 <= trouble.code < 400:
            there = said(trouble.headers.get("Location", ""), self._secret)
            return f"{self.host} sends on to {there}; set url to where the helpdesk really is."
        if trouble.code in (401, 403):
            return f"{self.host} does not accept the token, or it may not read this ({trouble.code})."
        if trouble.code == 404:
            return f"{self.host} knows nothing at that address (404); check url."
        if trouble.code == 429:
            return f"{self.host} wants to be asked less often (429)."
        return f"{self.host} answered {trouble.code}: {words}"
