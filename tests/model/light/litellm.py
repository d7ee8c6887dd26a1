"""In litellm's place where a test is about our own processes: the same calls over HTTP, imported in a moment."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request
from types import SimpleNamespace
from typing import Any


class APIConnectionError(Exception):
    pass


class Timeout(Exception):
    pass


class AuthenticationError(Exception):
    pass


class PermissionDeniedError(Exception):
    pass


class NotFoundError(Exception):
    pass


class RateLimitError(Exception):
    pass


_BY_STATUS = {401: AuthenticationError, 403: PermissionDeniedError, 404: NotFoundError, 429: RateLimitError}


def supports_response_schema(model: str) -> bool:
    return False


async def acompletion(**given: Any) -> Any:
    if given.get("mock_response"):
        return None
    return await asyncio.to_thread(_completion, given)


def _completion(given: dict[str, Any]) -> Any:
    body = {"model": given["model"].partition("/")[2], "messages": given["messages"]}
    request = urllib.request.Request(
        given["api_base"] + "/chat/completions", json.dumps(body).encode(), {"content-type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=given["timeout"]) as response:
            said = json.load(response)
    except urllib.error.HTTPError as error:
        trouble = _BY_STATUS.get(error.code, Exception)(str(error))
        trouble.status_code = error.code  # type: ignore[attr-defined]
        trouble.litellm_response_headers = error.headers  # type: ignore[attr-defined]
        raise trouble from None
    except urllib.error.URLError as error:
        raise APIConnectionError(str(error)) from error
    message = SimpleNamespace(content=said["choices"][0]["message"]["content"])
    return SimpleNamespace(
        choices=[SimpleNamespace(message=message)], usage=SimpleNamespace(**said["usage"]), _hidden_params={}
    )
