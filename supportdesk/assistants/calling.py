"""The process that calls models: litellm lives here and nowhere else. Questions and answers go by lines of JSON.

litellm takes seconds and 200 MB to import and would reach for the network. Here it keeps nobody waiting, is told to
stay at home, and may hang or die without taking a ticket along. The process ends when its input does.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import logging
import os
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any

from supportdesk.assistants.models import LOCAL, provider_of
from supportdesk.text import clean

ANSWER_TOKENS = 4_000
"""Tokens an answer may have."""
MEMORY = 4 * 1024**3
"""Bytes this process may take: a server that never stops talking ends it, and it is started again."""
PART_SECONDS = 0.1
"""How often a growing answer is passed on."""

Send = Callable[[Mapping[str, Any]], None]


class Trouble(Exception):
    """A call that brought no answer, with what the asking side is told of it."""

    def __init__(
        self, words: str, *, again: bool = False, after: float | None = None, down: bool = False, spent: bool = False
    ) -> None:
        """As `fallback.CallFailed`."""
        super().__init__(words)
        self.told = {"failed": words, "again": again, "after": after, "down": down, "spent": spent}


class Caller:
    """Calls of models through litellm: no retries of its own, no tools, a deadline, words for every trouble."""

    def __init__(self, key: Callable[[str], str | None]) -> None:
        """`key` finds a provider's key; it is asked once a provider."""
        self._key = cache(key)

    async def __call__(self, asked: Mapping[str, Any], told: Callable[[str], None] | None) -> dict[str, Any]:
        """Make the call; with `told`, the answer is passed on as it grows. Raises Trouble."""
        provider = provider_of(str(asked["model"]))
        key = None if provider in LOCAL else await asyncio.to_thread(self._key, provider)
        given = _given(asked, key)
        started = time.monotonic()
        try:
            async with asyncio.timeout(given["timeout"]):
                said = await (_whole(given) if told is None else _growing(given, told))
        except TimeoutError:
            raise Trouble("did not answer in time", down=True, spent=True) from None
        except MemoryError:
            raise
        except Exception as error:
            raise _trouble(error, provider, key) from None
        return {**said, "seconds": time.monotonic() - started}


def _given(asked: Mapping[str, Any], key: str | None) -> dict[str, Any]:
    given: dict[str, Any] = {
        "model": asked["model"],
        "messages": asked["messages"],
        "timeout": float(asked["timeout"]),
        "num_retries": 0,
        "max_retries": 0,
        "max_tokens": ANSWER_TOKENS,
        "temperature": 0,
        "drop_params": True,
    }
    if asked["base"]:
        given["api_base"] = asked["base"]
    if key or asked["base"]:
        given["api_key"] = key or "none"
    if asked["schema"] and _takes_schema(str(asked["model"])):
        shape = {"name": "answer", "schema": asked["schema"], "strict": False}
        given["response_format"] = {"type": "json_schema", "json_schema": shape}
    return given


async def _whole(given: dict[str, Any]) -> dict[str, Any]:
    response = await _litellm().acompletion(**given, stream=False)
    text = response.choices[0].message.content or ""
    tokens = int(getattr(getattr(response, "usage", None), "total_tokens", 0) or 0)
    return {"text": text, "tokens": tokens, "cost": _cost(response)}


async def _growing(given: dict[str, Any], told: Callable[[str], None]) -> dict[str, Any]:
    """An answer as it comes. A server that cannot stream is asked for the whole."""
    options = {"stream": True, "stream_options": {"include_usage": True}}
    parts: list[str] = []
    tokens, cost, last = 0, 0.0, 0.0
    response: AsyncIterator[Any] = await _litellm().acompletion(**given, **options)
    async for chunk in response:
        choices = getattr(chunk, "choices", None) or ()
        if choices and (part := getattr(choices[0].delta, "content", None)):
            parts.append(part)
            if time.monotonic() - last > PART_SECONDS:
                told("".join(parts))
                last = time.monotonic()
        if usage := getattr(chunk, "usage", None):
            tokens, cost = int(getattr(usage, "total_tokens", 0) or 0), _cost(chunk) or cost
    if not parts:
        return await _whole(given)
    told("".join(parts))
    return {"text": "".join(parts), "tokens": tokens, "cost": cost}


def _cost(response: Any) -> float:
    """US dollars by litellm's price list, which it has looked up already; 0 where no price is known."""
    with contextlib.suppress(Exception):
        return float((getattr(response, "_hidden_params", None) or {}).get("response_cost") or 0.0)
    return 0.0


def _trouble(error: Exception, provider: str, key: str | None) -> Trouble:
    """A provider's trouble in words, with what to do about it."""
    from supportdesk.secrets import hide

    litellm = _litellm()
    status = int(getattr(error, "status_code", 0) or 0)
    if isinstance(error, litellm.Timeout):
        return Trouble("did not answer in time", down=True, spent=True)
    if isinstance(error, litellm.AuthenticationError):
        return Trouble(f"was refused: no valid key; run `supportdesk key set {provider}`")
    if isinstance(error, litellm.PermissionDeniedError):
        return Trouble("was refused: this key may not use the model (403)")
    if isinstance(error, litellm.NotFoundError):
        return Trouble("is not known to its server")
    if isinstance(error, litellm.RateLimitError):
        return Trouble("is busy (429)", again=True, after=_retry_after(error))
    if isinstance(error, litellm.APIConnectionError) or status >= 500:
        # litellm calls a connection that was refused or broken off a 500 as well.
        causes = [type(cause).__name__ for cause in _causes(error)]
        if any(name in _NOT_REACHED for name in causes):
            return Trouble("could not be reached", again=True, down=True)
        if status < 500 or "connection" in str(error).casefold():
            return Trouble("broke off its answer", again=True, after=_retry_after(error), spent=True)
        return Trouble(f"failed ({status})", again=True, after=_retry_after(error))
    words = clean(hide(str(error), key or ""), one_line=True)[:200]
    if "LLM Provider NOT provided" in words:
        return Trouble(f"names no provider litellm knows ({provider})")
    return Trouble(f"failed: {words}", spent=True)


_NOT_REACHED = frozenset(
    {
        "ConnectError",
        "ConnectTimeout",
        "ConnectionRefusedError",
        "ClientConnectorError",
        "ClientConnectorDNSError",
        "ClientConnectorCertificateError",
        "ClientProxyConnectionError",
        "gaierror",
    }
)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _retry_after(error: Exception) -> float | None:
    """The seconds a server asks to wait, named as such or as a date; None where it says nothing."""
    response = getattr(error, "response", None)
    for headers in (getattr(error, "litellm_response_headers", None), getattr(response, "headers", None)):
        value = headers.get("retry-after") if headers else None
        if not value:
            continue
        with contextlib.suppress(ValueError):
            return max(0.0, float(value))
        with contextlib.suppress(ValueError, TypeError):
            return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    return None


@cache
def _litellm() -> Any:
    """litellm, imported once, told to make no connection but the calls themselves."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    os.environ["LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS"] = "True"
    os.environ["LITELLM_MODE"] = "PRODUCTION"
    os.environ["HF_HUB_OFFLINE"] = "1"
    # A model on this machine is never asked by way of a proxy.
    for name in ("NO_PROXY", "no_proxy"):
        os.environ[name] = ",".join(filter(None, (os.environ.get(name), "127.0.0.1,localhost,::1")))
    import litellm

    litellm.disable_hf_tokenizer_download = True
    litellm.telemetry = False
    litellm.suppress_debug_info = True
    for name in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.addHandler(logging.NullHandler())
        logger.propagate = False
    return litellm


async def _rehearsed() -> None:
    """Have loaded what a first call would load, at the cost of its deadline; nothing is connected."""
    with contextlib.suppress(Exception):
        import httpx
        import openai

        def answer(_: httpx.Request) -> httpx.Response:
            said = {"index": 0, "message": {"role": "assistant", "content": "Yes."}, "finish_reason": "stop"}
            usage = {"prompt_tokens": 5, "completion_tokens": 1, "total_tokens": 6}
            whole = {"id": "c", "object": "chat.completion", "created": 0, "model": "nobody"}
            return httpx.Response(200, json={**whole, "choices": [said], "usage": usage})

        asked = [{"role": "user", "content": "Are you there?"}]
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as line:
            client = openai.AsyncOpenAI(api_key="none", base_url="http://127.0.0.1", http_client=line)
            given = _given(
                {"model": "openai/nobody", "messages": asked, "timeout": 5, "base": "", "schema": {}}, "none"
            )
            await _whole(given | {"client": client})


@cache
def _takes_schema(model: str) -> bool:
    try:
        return bool(_litellm().supports_response_schema(model=model))
    except Exception:
        return False


async def _serve(caller: Caller, lines: asyncio.Queue[bytes], send: Send) -> None:
    """Answer questions until there are no more; each in its own time, so many at once as they say."""
    running: dict[int, asyncio.Task[None]] = {}
    places: dict[int, asyncio.Semaphore] = {}

    async def one(number: int, asked: Mapping[str, Any]) -> None:
        told = (lambda text: send({"id": number, "part": text})) if asked.get("stream") else None
        at_once = int(asked["at_once"])
        try:
            async with places.setdefault(at_once, asyncio.Semaphore(at_once)):
                send({"id": number, "begun": True})
                said = await caller(asked, told)
        except Trouble as trouble:
            send({"id": number, **trouble.told})
        except MemoryError:
            os._exit(3)
        else:
            send({"id": number, **said})

    while line := await lines.get():
        asked = json.loads(line)
        number = int(asked["id"])
        if asked.get("cancel"):
            if number in running:
                running[number].cancel()
            continue
        task = asyncio.create_task(one(number, asked))
        running[number] = task
        task.add_done_callback(lambda _, n=number: running.pop(n, None))  # type: ignore[misc]


def main() -> None:
    """Import litellm, say so, answer."""
    from supportdesk import secrets

    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))
    incoming = sys.stdin.buffer
    out = os.fdopen(os.dup(1), "wb")
    # What a library prints must not stand between the lines.
    os.dup2(2, 1)

    def send(value: Mapping[str, Any]) -> None:
        out.write(json.dumps(value).encode() + b"\n")
        out.flush()

    def key(provider: str) -> str | None:
        found = secrets.find(provider)
        return found.value if found is not None else None

    _litellm()
    lines: asyncio.Queue[bytes] = asyncio.Queue()

    async def run() -> None:
        loop = asyncio.get_running_loop()

        def read() -> None:
            for line in incoming:
                loop.call_soon_threadsafe(lines.put_nowait, line)
            # Whoever asked is gone, and with them whoever could use an answer.
            os._exit(0)

        threading.Thread(target=read, daemon=True).start()
        await _rehearsed()
        # What litellm has made by now stays; looking through it for garbage would take as long as the calls.
        gc.collect()
        gc.freeze()
        send({"ready": True})
        await _serve(Caller(key), lines, send)

    with contextlib.suppress(BrokenPipeError):
        asyncio.run(run())


if __name__ == "__main__":
    main()
