"""Who asks: authenticators, one of which a bridge is given; each says on whose behalf a request is made, for both doors."""

from diptych.identity.anyone import Anyone
from diptych.identity.api_key import NewApiKey, hash_api_key, new_api_key
from diptych.identity.api_key_table import ApiKeyTable
from diptych.identity.api_keys import ApiKeys
from diptych.identity.authenticator import Authenticator, Credentials, Identity
from diptych.identity.bearer_jwt import BearerJwt
from diptych.identity.dependency import FromDependency
from diptych.identity.first_of import FirstOf

__all__ = [
    "Anyone",
    "ApiKeyTable",
    "ApiKeys",
    "Authenticator",
    "BearerJwt",
    "Credentials",
    "FirstOf",
    "FromDependency",
    "Identity",
    "NewApiKey",
    "hash_api_key",
    "new_api_key",
]
