"""The contract for other programs: JSON Schema, OpenAPI and TypeScript.

All three are generated from the fields and the lifecycle. The repository has the generated files in
its folder ``contract/``.
"""

from jobstatus.contract._schema import json_schema, openapi_component
from jobstatus.contract._typescript import typescript

__all__ = ["json_schema", "openapi_component", "typescript"]
