"""pydantic: a model."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Final

import pydantic
from pydantic import MISSING
from pydantic.alias_generators import to_camel

from benchmarks.columns._way import CODE, YES, Library, Way, whole
from benchmarks.peers._peer import write_date
from benchmarks.peers.with_pydantic import UsualDate
from jobstatus import JobState

_Progress = Annotated[float, pydantic.Field(ge=0, le=100)]


class Model(pydantic.BaseModel):
    """The payload."""

    model_config = pydantic.ConfigDict(alias_generator=to_camel, serialize_by_alias=True)

    id: str
    status: JobState
    progress: _Progress | None = None
    estimated_completion: datetime | None = None
    error: str | None = None


class FrozenModel(Model):
    """The payload, frozen."""

    model_config = pydantic.ConfigDict(frozen=True)


class StrictModel(pydantic.BaseModel):
    """The payload, of which nothing is coerced."""

    model_config = pydantic.ConfigDict(
        alias_generator=to_camel, serialize_by_alias=True, strict=True
    )

    id: str
    status: JobState
    progress: _Progress | MISSING = MISSING
    estimated_completion: datetime | MISSING = MISSING
    error: str | MISSING = MISSING


class ExactModel(Model):
    """The payload, whose numbers and dates are written by functions."""

    progress: Annotated[_Progress | None, pydantic.PlainSerializer(whole)] = None
    estimated_completion: UsualDate | None = None


class PointModel(pydantic.BaseModel):
    """Anything else."""

    x: int


def _walk_model(states: list[str]) -> object:
    job = Model(id="a", status=JobState.QUEUED)
    for state in states:
        job = job.model_copy(update={"status": JobState(state)})
    return job


PYDANTIC: Final = Library(
    "pydantic",
    (
        Way(
            YES,
            read=Model.model_validate_json,
            write=Model.model_dump_json,
            places=lambda error: {found["loc"][0] for found in error.errors()},
            make=Model,
            walk=_walk_model,
            typed="""
from pydantic import BaseModel
from jobstatus import JobState

class Model(BaseModel):
    id: str
    status: JobState

done = Model(id="a", status=JobState.COMPLETED)
done.model_copy(update={"status": JobState.PROCESSING})  # illegal
""",
            schema=Model.model_json_schema,
            own=lambda: PointModel.model_validate_json('{"x":1}'),
        ),
        Way(
            "`exclude_none`",
            read=Model.model_validate_json,
            write=lambda job: job.model_dump_json(exclude_none=True),
        ),
        Way("`frozen`", make=FrozenModel),
        Way(
            "`strict`, `MISSING`",
            read=StrictModel.model_validate_json,
            write=StrictModel.model_dump_json,
        ),
        Way(CODE, read=ExactModel.model_validate_json, write=ExactModel.model_dump_json),
        Way(
            CODE,
            read=lambda data: Model.model_validate(json.loads(data)),
            write=lambda job: json.dumps(job.model_dump(by_alias=True), default=write_date),
        ),
    ),
    (("pydantic", ""), ("pydantic, adapter", " by `TypeAdapter`")),
)
