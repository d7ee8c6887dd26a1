"""A real OpenAI-compatible HTTP server on 127.0.0.1 that answers as a test says."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Script = Callable[["Call"], "Reply"]


class Reply:
    """What the server does with one call."""

    def __init__(
        self,
        content: str = "",
        *,
        status: int = 200,
        headers: dict[str, str] | None = None,
        delay: float = 0.0,
        cut: bool = False,
        pause: float = 0.0,
    ) -> None:
        self.content = content
        self.status = status
        self.headers = headers or {}
        self.delay = delay
        self.cut = cut
        # Between the parts of an answer that was asked for as a stream.
        self.pause = pause


class Call:
    """What the server was sent."""

    def __init__(self, body: dict[str, Any], number: int) -> None:
        self.body = body
        self.number = number

    @property
    def text(self) -> str:
        """All the words that were sent."""
        return "\n".join(str(m["content"]) for m in self.body["messages"])

    @property
    def keys(self) -> list[str]:
        """The tasks that are asked for."""
        system = self.body["messages"][0]["content"]
        line = next(x for x in system.splitlines() if x.startswith("Answer with one JSON object"))
        return [part.strip().strip('"') for part in line.split("keys ")[1].split(", and nothing")[0].split(",")]

    def data(self, name: str) -> list[Any]:
        """The values between fences whose name begins so."""
        lines = self.body["messages"][1]["content"].splitlines()
        return [
            json.loads(lines[i + 1])
            for i, line in enumerate(lines)
            if line.startswith("<<<") and line.split(" ", 1)[1].startswith(name)
        ]


def answer(call: Call, **parts: Any) -> str:
    """A well-behaved answer to whatever is asked, with some parts another."""
    whole: dict[str, Any] = {}
    for key in call.keys:
        if key == "triage":
            whole[key] = {
                "category": "general",
                "priority": "normal",
                "language": "en",
                "sentiment": "neutral",
                "flags": [],
                "path": "routine",
                "confidence": 0.9,
            }
        elif key == "summary":
            whole[key] = {"points": [{"text": "A question.", "source": "none"}], "questions": []}
        else:
            whole[key] = {"text": "Hello,\n\nthank you for your message.\n\nKind regards", "citations": []}
        whole[key] |= parts.get(key, parts.get("reply", {}) if key in ("clarification", "redraft") else {})
    return json.dumps(whole)


class Server:
    """A running server and what it has seen."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.calls: list[Call] = []
        self.lock = threading.Lock()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Headers and body leave together: else every answer waits 40 ms for an acknowledgement.
            wbufsize = -1
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                with server.lock:
                    call = Call(body, len(server.calls) + 1)
                    server.calls.append(call)
                reply = server.script(call)
                time.sleep(reply.delay)
                if body.get("stream") and reply.status == 200:
                    self.stream(reply)
                    return
                content = _completion(reply.content) if reply.status == 200 else {"error": {"message": reply.content}}
                raw = json.dumps(content).encode()
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw[: len(raw) // 2] if reply.cut else raw)
                self.wfile.flush()
                self.close_connection = reply.cut

            def stream(self, reply: Reply) -> None:
                self.send_response(200)
                self.send_header("content-type", "text/event-stream")
                self.send_header("connection", "close")
                self.end_headers()
                size = max(len(reply.content) // 8, 1)
                parts = [reply.content[n : n + size] for n in range(0, len(reply.content), size)]
                for part in parts[: len(parts) // 2] if reply.cut else parts:
                    self.event({"index": 0, "delta": {"content": part}, "finish_reason": None})
                    time.sleep(reply.pause)
                if not reply.cut:
                    self.event({"index": 0, "delta": {}, "finish_reason": "stop"})
                    self.wfile.write(b"data: [DONE]\n\n")
                self.wfile.flush()
                self.close_connection = True

            def event(self, choice: dict[str, Any]) -> None:
                chunk = {**_completion(""), "object": "chat.completion.chunk", "choices": [choice]}
                if choice["finish_reason"] is None:
                    del chunk["usage"]
                self.wfile.write(b"data: " + json.dumps(chunk).encode() + b"\n\n")
                self.wfile.flush()

            def log_message(self, *args: object) -> None:
                pass

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False
            request_queue_size = 128

            def handle_error(self, request: Any, client_address: Any) -> None:
                pass  # a client that hung up is what some tests are about

        self._http = Quiet(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_port}/v1"
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()


@contextmanager
def serving(script: Script) -> Iterator[Server]:
    """A server for the time of a test."""
    server = Server(script)
    try:
        yield server
    finally:
        server.close()


def _completion(content: str) -> dict[str, Any]:
    return {
        "id": "c",
        "object": "chat.completion",
        "created": 0,
        "model": "double",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150},
    }
