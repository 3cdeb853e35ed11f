"""Declare a resource once, as a SQLModel class; serve it twice, as GraphQL mutations and as REST routes."""

from diptych.app.bridge import Bridge
from diptych.app.mounting import MountError
from diptych.app.origins import OriginError
from diptych.app.rates import RateLimit, RateLimitError
from diptych.graphql.additions import SchemaConflict
from diptych.graphql.trusted import ManifestError, TrustedDocuments
from diptych.http.cors import ALLOWED_HEADERS, ALLOWED_METHODS, EXPOSED_HEADERS
from diptych.resource.declaration import DeclarationError, Resource, Versioned
from diptych.resource.policy import Policy, all_of, any_of, anyone, authenticated, nobody, roles
from diptych.resource.stamps import CHANGED_AT, CHANGED_BY, CREATED_AT, CREATED_BY, Stamp
from diptych.resource.uuid7 import uuid7
from diptych.semantics.limits import Limits, LimitsError
from diptych.semantics.principal import ANONYMOUS, Principal
from diptych.store.errors import DatabaseAway, DatabaseUrlError, TableMismatch

__all__ = [
    "ALLOWED_HEADERS",
    "ALLOWED_METHODS",
    "ANONYMOUS",
    "CHANGED_AT",
    "CHANGED_BY",
    "CREATED_AT",
    "CREATED_BY",
    "EXPOSED_HEADERS",
    "Bridge",
    "DatabaseAway",
    "DatabaseUrlError",
    "DeclarationError",
    "Limits",
    "LimitsError",
    "ManifestError",
    "MountError",
    "OriginError",
    "Policy",
    "Principal",
    "RateLimit",
    "RateLimitError",
    "Resource",
    "SchemaConflict",
    "Stamp",
    "TableMismatch",
    "TrustedDocuments",
    "Versioned",
    "all_of",
    "any_of",
    "anyone",
    "authenticated",
    "nobody",
    "roles",
    "uuid7",
]
