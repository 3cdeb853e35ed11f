"""Addresses of clients, as far as counting goes: who can have many counts as one."""

from functools import lru_cache
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Final

# What a server gave for an address and is none: they all count together, so that nobody is left out by what a proxy wrote.
UNREADABLE: Final = "unreadable"
# Bits of an IPv6 address that are given to one customer as a whole (RFC 6177 section 2).
_OF_ONE: Final = 64


@lru_cache(maxsize=4096)
def group_of(address: str) -> str | None:
    """The name under which an address is counted; None for loopback, which is not."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return UNREADABLE
    if isinstance(found, IPv6Address):
        mapped = found.ipv4_mapped
        if mapped is None:
            return None if found.is_loopback else str(IPv6Network((found, _OF_ONE), strict=False))
        found = mapped
    return None if found.is_loopback else str(found)
