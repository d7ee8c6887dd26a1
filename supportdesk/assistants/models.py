"""What a model's name says: whose it is, and whether what it is sent leaves our own machines."""

from __future__ import annotations

import contextlib
import ipaddress
from urllib.parse import urlsplit

LOCAL = frozenset({"ollama", "ollama_chat", "lm_studio", "llamafile", "hosted_vllm", "vllm", "xinference", "petals"})
"""Providers that run where their user says: models there are not hosted by somebody else."""


def provider_of(model: str) -> str:
    """The provider in a model's name; a bare name is OpenAI's, as litellm has it."""
    return model.partition("/")[0] if "/" in model else "openai"


def hosted(model: str, base_url: str = "") -> bool:
    """Whether what is sent to a model leaves our own machines."""
    if base_url:
        host = urlsplit(base_url).hostname or ""
        if host == "localhost":
            return False
        with contextlib.suppress(ValueError):
            address = ipaddress.ip_address(host)
            return not (address.is_private or address.is_loopback)
        return True
    return model.partition("/")[0] not in LOCAL
