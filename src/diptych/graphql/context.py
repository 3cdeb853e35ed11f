"""What resolvers are given: the service on behalf of the caller, and the request as ASGI has it."""

from collections.abc import Hashable
from dataclasses import field
from typing import Any

from strawberry.dataloader import DataLoader

from diptych.http.asgi import Scope, root_path
from diptych.semantics.frozen import frozen
from diptych.service.acting import Acting


@frozen
class Context:
    """`info.context` in every resolver, the user's own included. `scope` is the ASGI scope, empty outside of a request."""

    service: Acting
    scope: Scope = field(default_factory=dict)
    # What relations are read by, for this request and this service alone.
    loaders: dict[Hashable, DataLoader[Any, Any]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def prefix(self) -> str:
        """The path under which the application stands."""
        return root_path(self.scope)
