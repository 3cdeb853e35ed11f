"""Write models: a pydantic model of the user's own that checks the documents of one command in place of the table's."""

from collections.abc import Sequence

from pydantic import BaseModel
from pydantic_core import SchemaValidator

from diptych.resource.declaration import DeclarationError
from diptych.resource.fields import VERSION, ReadField
from diptych.resource.model_schema import ModelSchema


def write_model_validator(model: type[BaseModel], derived: ModelSchema, key: ReadField, columns: Sequence[ReadField]) -> SchemaValidator:
    """Build the check of whole documents by a write model. `derived` is the schema of the table.

    It brings the constraints and validators of the fields that it has, by attribute name, and its own model validators in
    place of the table's. A field that it has not is checked as the table says. It is always a whole document that is
    checked, for a patch too: the row as it would be. Defaults, JSON names and the types of columns stay the table's.
    Raises DeclarationError for a field that the table has not.
    """
    own = ModelSchema(model)
    unknown = own.raw_fields.keys() - {field.attribute for field in columns} - {key.attribute, VERSION}
    if unknown:
        named = ", ".join(sorted(unknown))
        raise DeclarationError(f"{model.__name__}: {derived.model.__name__} has no field {named}; name fields by their attributes")
    schemas = {
        field.attribute: own.field(field.attribute, field.kind, nullable=field.nullable)
        if field.attribute in own.raw_fields
        else field.schema
        for field in columns
    }
    return own.document_validator(key.attribute, key.kind, schemas, derived.definitions)
