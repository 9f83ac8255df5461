"""Pydantic models and adapters can use JobStatus as a field type."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from typing import Annotated, Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PydanticUserError,
    Tag,
    TypeAdapter,
    ValidationError,
    create_model,
    validate_call,
)
from pydantic_core import PydanticSerializationError

from jobstatus import TOLERANT, Codec, Completed, DecodeError, JobStatus, Queued
from jobstatus.contract import openapi_component
from jobstatus.history import Finding, FindingPayload, check_history
from jobstatus.strategies import InvalidPayload, invalid_payloads, job_statuses
from tests.support.public_api import IMPORTABLE

ANY: TypeAdapter[JobStatus] = TypeAdapter(JobStatus)
REJECTING: TypeAdapter[JobStatus] = TypeAdapter(Annotated[JobStatus, Codec(unknown_keys="reject")])
REFERENCE = {"$ref": "#/$defs/JobStatus"}


class Report(BaseModel):
    """A user's model with jobs in its fields."""

    latest: JobStatus
    waiting: list[JobStatus[Queued]] = []
    done: JobStatus[Completed] | None = None


def errors_of(value: object) -> list[Any]:
    """Return the errors that pydantic reports for a payload."""
    with pytest.raises(ValidationError) as invalid:
        ANY.validate_python(value)
    return invalid.value.errors()


@given(job_statuses())
def test_a_job_is_accepted_unchanged(job: JobStatus) -> None:
    """Pydantic neither copies nor validates it again."""
    assert ANY.validate_python(job) is job
    assert Report(latest=job).latest is job


@given(job_statuses())
def test_a_payload_is_validated_into_a_job(job: JobStatus) -> None:
    """The codec reads it."""
    assert ANY.validate_python(job.to_payload()) == job


@given(job_statuses(ids=st.text(), error_texts=st.text()))
def test_a_document_is_validated_into_a_job(job: JobStatus) -> None:
    """Pydantic parses the JSON itself, and does not accept lone surrogates."""
    assert ANY.validate_json(job.to_json()) == job


@given(job_statuses(ids=st.text(), error_texts=st.none() | st.text()))
def test_pydantic_writes_the_bytes_of_the_codec(job: JobStatus) -> None:
    """Progress from 1e-6 to 1e-5 is the exception, because pydantic uses an exponent."""
    written = ANY.dump_json(job)
    assert ANY.validate_json(written) == job
    if job.progress is None or not 1e-6 <= job.progress < 1e-5:
        assert written == Codec().encode(job)


def test_pydantic_writes_numbers_from_1e_6_to_1e_5_differently() -> None:
    """Both spellings are the same number."""
    job = JobStatus("a", "processing", progress=1.5e-6)
    assert ANY.dump_json(job) == b'{"id":"a","status":"processing","progress":1.5e-6}'
    assert job.to_json() == '{"id":"a","status":"processing","progress":0.0000015}'


def test_pydantic_cannot_write_a_lone_surrogate() -> None:
    """The error comes from pydantic's encoder; docs/integrations/fastapi.md has the workaround."""
    with pytest.raises(PydanticSerializationError):
        ANY.dump_json(JobStatus("\ud800", "queued"))
    assert ANY.dump_python(JobStatus("\ud800", "queued"), mode="json") == {
        "id": "\ud800",
        "status": "queued",
    }


def test_a_model_round_trips() -> None:
    """Python mode keeps the jobs, and JSON mode turns them into payloads."""
    queued, done = JobStatus.queued("a"), JobStatus.queued("b").start().complete()
    report = Report(latest=done, waiting=[queued], done=done)
    assert report.model_dump() == {"latest": done, "waiting": [queued], "done": done}
    assert report.model_dump(mode="json") == {
        "latest": done.to_payload(),
        "waiting": [queued.to_payload()],
        "done": done.to_payload(),
    }
    assert Report.model_validate(report.model_dump()) == report
    assert Report.model_validate_json(report.model_dump_json()) == report
    assert report.model_dump_json() == (
        f'{{"latest":{done.to_json()},"waiting":[{queued.to_json()}],"done":{done.to_json()}}}'
    )


@given(invalid_payloads())
def test_every_problem_becomes_one_pydantic_error(invalid: InvalidPayload) -> None:
    """It has our code as its type, our pointer in its context, and the matching location."""
    errors = errors_of(invalid.payload)
    assert {(error["ctx"]["pointer"], error["type"]) for error in errors} == invalid.problems
    assert len(errors) == len(invalid.problems)
    with pytest.raises(DecodeError) as ours:
        JobStatus.from_payload(invalid.payload)
    assert [error["msg"] for error in errors] == [p.message for p in ours.value.problems]
    for error in errors:
        assert "".join(f"/{token}" for token in error["loc"]) == error["ctx"]["pointer"]


def test_the_input_of_a_missing_key_is_the_payload() -> None:
    """Pydantic does this too, but we show only an excerpt."""
    (error,) = errors_of({"id": "a"})
    assert (error["type"], error["loc"], error["input"]) == ("missing", ("status",), "{'id': 'a'}")


@given(invalid_payloads())
def test_an_error_is_short_and_can_be_encoded_as_json(invalid: InvalidPayload) -> None:
    """Its input has at most 80 characters, which any JSON encoder accepts."""
    for error in errors_of(invalid.payload):
        text = json.dumps(error, ensure_ascii=False, allow_nan=False).encode("utf-8")
        assert len(text) < 1_500
        assert len(str(error["input"])) <= 80


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (101, 101),
        (100.5, 100.5),
        (True, True),
        (None, None),
        ("40", "40"),
        ("x" * 80, "x" * 80),
        ("x" * 81, "'" + "x" * 76 + "..."),
        ("a\nb", "'a\\nb'"),
        (2**53 - 1, 2**53 - 1),
        (2**53, str(2**53)),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        ([1], "[1]"),
    ],
)
def test_the_input_of_an_error_is_the_value_or_an_excerpt(value: object, shown: object) -> None:
    """A short and plain value is unchanged, and others become an excerpt of their repr."""
    (error,) = errors_of({"id": "a", "status": "queued", "progress": value})
    assert (error["input"], type(error["input"])) == (shown, type(shown))


def test_a_message_is_not_used_as_a_template() -> None:
    """Braces in an invalid value must stay as they are."""
    (error,) = errors_of({"id": "a", "status": "{pointer} {message}"})
    assert error["msg"].endswith("got '{pointer} {message}'")


@pytest.mark.parametrize("value", [None, 5, "{}", b"{}", memoryview(b"{}"), [], JobStatus])
def test_anything_but_an_object_is_rejected(value: object) -> None:
    """Text is rejected too, because it is a document and not a payload."""
    (error,) = errors_of(value)
    assert (error["type"], error["loc"], error["ctx"]["pointer"]) == ("wrong_type", (), "")


def test_locations_include_the_path_inside_a_model() -> None:
    """A location starts at the model, but a pointer starts at the job."""
    with pytest.raises(ValidationError) as invalid:
        Report.model_validate({"latest": {"id": 1}, "waiting": [5, {"id": "a", "status": "x"}]})
    errors: list[Any] = invalid.value.errors()
    assert [(error["loc"], error["ctx"]["pointer"]) for error in errors] == [
        (("latest", "id"), "/id"),
        (("latest", "status"), "/status"),
        (("waiting", 0), ""),
        (("waiting", 1, "status"), "/status"),
    ]


def test_a_codec_in_an_annotation_reads_the_row_of_a_table() -> None:
    """All of its options apply, and the job is written as the interface says."""
    tolerant: TypeAdapter[JobStatus] = TypeAdapter(Annotated[JobStatus, TOLERANT])
    row = b'{"id":42,"status":"processing","progress":"33.30","error":null}'
    job = tolerant.validate_json(row)
    assert job == JobStatus("42", "processing", progress=33.3)
    assert tolerant.dump_json(job) == Codec().encode(job)


@pytest.mark.parametrize("mode", ["validation", "serialization"])
def test_the_schema_of_a_model_defines_a_job_once(mode: Any) -> None:
    """All fields refer to our component, whatever their type parameter is."""
    schema = Report.model_json_schema(mode=mode)
    assert schema["$defs"] == {"JobStatus": openapi_component()}
    properties = schema["properties"]
    assert properties["latest"] == REFERENCE
    assert properties["waiting"]["items"] == REFERENCE
    assert properties["done"]["anyOf"][0] == REFERENCE


def test_the_schema_of_a_job_alone_is_the_component() -> None:
    """Without a model, the schema needs no definitions."""
    assert ANY.json_schema() == openapi_component()


def test_a_model_of_the_same_name_keeps_its_own_schema() -> None:
    """Pydantic defines both, under longer names."""
    other = create_model("JobStatus", mine=(int, ...))
    pair = create_model("Pair", theirs=(other, ...), ours=(JobStatus, ...))
    definitions = pair.model_json_schema()["$defs"]
    assert openapi_component() in definitions.values()
    assert [*definitions] == ["jobstatus__JobStatus", "tests__test_pydantic__JobStatus"]


LENIENT: Any = Annotated[JobStatus, Codec(null="absent", unknown_keys="reject", max_depth=5)]


def test_a_codec_in_the_annotation_sets_the_policy() -> None:
    """Other fields of the same model keep the default policy."""
    pair: Any = create_model("Pair", lenient=(LENIENT, ...), strict=(JobStatus[Queued], ...))
    payload = {"id": "a", "status": "queued", "error": None}
    job = JobStatus.queued("a")
    assert pair(lenient=payload, strict=job).lenient == job
    assert pair(lenient=job, strict=job).lenient is job
    with pytest.raises(ValidationError) as invalid:
        pair(lenient={**payload, "a/b": 1}, strict=payload)
    errors: list[Any] = invalid.value.errors()
    assert [(error["loc"], error["ctx"]["pointer"], error["type"]) for error in errors] == [
        (("lenient", "a/b"), "/a~1b", "unknown_key"),
        (("strict", "error"), "/error", "null"),
    ]
    schema = pair.model_json_schema()
    assert schema["$defs"] == {"JobStatus": openapi_component()}
    assert REFERENCE["$ref"] in str(schema["properties"]["lenient"])  # beside or in an allOf
    assert schema["properties"]["strict"] == REFERENCE


ANNOTATIONS = [
    JobStatus,
    JobStatus[Queued],
    list[JobStatus],
    dict[str, JobStatus],
    JobStatus | int,
    Annotated[JobStatus, Codec()],
    Annotated[JobStatus, Codec()] | int,
]


@pytest.mark.parametrize("annotation", ANNOTATIONS)
def test_errors_name_job_status_and_have_no_memory_address(annotation: Any) -> None:
    """Titles and locations go to logs and clients."""
    with pytest.raises(ValidationError) as invalid:
        TypeAdapter[Any](annotation).validate_python({"id": {"id": 5}})
    text = f"{invalid.value} {invalid.value.errors()}"
    assert "JobStatus" in invalid.value.title
    assert not re.search("0x|functools|Codec|_validate", text)


def test_the_location_in_a_union_names_job_status() -> None:
    """A tag replaces the name of pydantic's schema."""
    tagged: Any = Annotated[JobStatus, Tag("job")]
    locations: list[Any] = []
    members: list[Any] = [JobStatus, Annotated[JobStatus, Codec()], tagged]
    for member in members:
        union: Any = member | int
        with pytest.raises(ValidationError) as invalid:
            TypeAdapter[Any](union).validate_python({"id": 5, "status": "queued"})
        locations.append(invalid.value.errors()[0]["loc"])
    untagged = ("function-wrap[JobStatus()]", "id")
    assert locations == [untagged, untagged, ("job", "id")]


STRICT: list[Any] = [
    Annotated[JobStatus, Field(strict=True)],
    Annotated[JobStatus, Codec(), Field(strict=True)],
    Annotated[JobStatus, Field(strict=True), Codec()],
]


@pytest.mark.parametrize("annotation", STRICT)
def test_a_strict_field_reads_a_payload(annotation: Any) -> None:
    """A codec is always strict, so the option changes nothing."""
    adapter = TypeAdapter[Any](annotation)
    job = JobStatus.queued("a")
    assert adapter.validate_python({"id": "a", "status": "queued"}) == job
    assert adapter.validate_json(job.to_json()) == job
    assert adapter.validate_python(job) is job
    assert adapter.dump_json(job) == Codec().encode(job)
    with pytest.raises(ValidationError):
        adapter.validate_python({"id": 5, "status": "queued"})


@pytest.mark.parametrize("annotation", STRICT)
def test_a_strict_field_has_the_schema_of_the_component(annotation: Any) -> None:
    """A model defines it once, under its own name."""
    strict: Any = create_model("Strict", job=(annotation, ...), other=(JobStatus, ...))
    assert strict.model_json_schema()["$defs"] == {"JobStatus": openapi_component()}


def test_a_strict_model_reads_a_payload() -> None:
    """The strict option of a model does not require a JobStatus."""

    class Strict(BaseModel):
        model_config = ConfigDict(strict=True)

        job: JobStatus

    payload = {"job": {"id": "a", "status": "queued"}}
    assert Strict.model_validate(payload).job == JobStatus.queued("a")
    assert TypeAdapter(JobStatus).validate_python(payload["job"], strict=True).id == "a"


def test_pydantic_reports_at_most_100_problems() -> None:
    """A short body with many unknown keys must not cause a long response."""
    payload = {"id": "a", "status": "queued"} | {f"key {number}": 0 for number in range(20_000)}
    with pytest.raises(ValidationError) as invalid:
        REJECTING.validate_python(payload)
    assert invalid.value.error_count() == 100


@given(invalid_payloads(codec=Codec(unknown_keys="reject")))
def test_errors_about_unknown_keys_can_be_encoded_as_json(invalid: InvalidPayload) -> None:
    """Unknown keys may have any characters, even lone surrogates."""
    with pytest.raises(ValidationError) as refusal:
        REJECTING.validate_python(invalid.payload)
    errors: list[Any] = refusal.value.errors()
    assert {error["type"] for error in errors} == {code for _, code in invalid.problems}
    json.dumps(errors, ensure_ascii=False, allow_nan=False).encode("utf-8")


@pytest.mark.parametrize("annotation", [list[JobStatus], JobStatus | None, str])
def test_a_codec_may_annotate_only_a_job(annotation: Any) -> None:
    """It is rejected on lists and unions that contain jobs."""
    wrong: Any = Annotated[annotation, Codec()]
    with pytest.raises(TypeError, match="expected Annotated\\[JobStatus, Codec"):
        create_model("Wrong", jobs=(wrong, ...))


FINDINGS = TypeAdapter(list[Finding])
FOUND = [*check_history([JobStatus("a", "cancelled"), JobStatus.queued("a")])]


def test_pydantic_writes_a_finding_as_its_payload() -> None:
    """Its jobs have camelCase keys too."""
    assert json.loads(FINDINGS.dump_json(FOUND)) == [finding.to_payload() for finding in FOUND]


@pytest.mark.filterwarnings("error")
def test_a_finding_is_accepted_and_dumped_unchanged() -> None:
    """As with a job, only JSON needs the payload."""
    assert FINDINGS.validate_python(FOUND)[0] is FOUND[0]
    assert FINDINGS.dump_python(FOUND)[0] is FOUND[0]


def test_a_finding_is_not_read_from_a_payload() -> None:
    """A Finding is a result, so only `check_history` and Audit make one."""
    with pytest.raises(ValidationError, match=r"expected a Finding, got \{'after': "):
        FINDINGS.validate_python([FOUND[0].to_payload()])


@pytest.mark.parametrize("mode", ["validation", "serialization"])
def test_the_schema_of_a_finding_describes_its_payload(mode: Any) -> None:
    """Its jobs refer to the schema of a job."""
    schemas = FINDINGS.json_schema(mode=mode)["$defs"]
    assert schemas["Finding"]["properties"].keys() == FindingPayload.__annotations__.keys()
    assert schemas["Finding"]["properties"]["after"] == {"$ref": "#/$defs/JobStatus"}
    jsonschema.validate(json.loads(FINDINGS.dump_json(FOUND)), FINDINGS.json_schema(mode=mode))


def test_validate_call_wraps_from_payload() -> None:
    """Pydantic resolves its annotations."""
    read = validate_call(JobStatus.from_payload)
    assert read({"id": "a", "status": "queued"}) == JobStatus.queued("a")


def test_validate_call_wraps_from_json_with_arbitrary_types() -> None:
    """Pydantic has no schema for a bytearray or a memoryview."""
    with pytest.raises(PydanticUserError, match="bytearray"):
        validate_call(JobStatus.from_json)
    read = validate_call(config=ConfigDict(arbitrary_types_allowed=True))(JobStatus.from_json)
    assert read('{"id":"a","status":"queued"}') == JobStatus.queued("a")


def public_schemas() -> Iterator[tuple[str, str]]:
    """Yield each public name of which pydantic can make a JSON schema, with that schema."""
    for module in map(import_module, IMPORTABLE):
        for name in module.__all__:
            with suppress(PydanticUserError, TypeError):  # TypeError: a Codec is not a type
                schema = TypeAdapter[Any](getattr(module, name)).json_schema()
                yield f"{module.__name__}.{name}", json.dumps(schema)


SCHEMAS = dict(public_schemas())


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_has_no_doctest(name: str) -> None:
    """Pydantic takes the descriptions of enums and typed dictionaries from their docstrings."""
    assert ">>>" not in SCHEMAS[name]


def test_job_state_is_among_the_schemas_without_doctest() -> None:
    """Users declare it as a query parameter."""
    assert "jobstatus.JobState" in SCHEMAS
    assert "The state of a job" in SCHEMAS["jobstatus.JobState"]


def test_the_library_does_not_need_pydantic() -> None:
    """It imports pydantic only when pydantic asks for a schema."""
    program = (
        "import sys; sys.modules['pydantic'] = sys.modules['pydantic_core'] = None\n"
        "import jobstatus, jobstatus.contract; print(jobstatus.JobStatus.queued('a').to_json())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout == b'{"id":"a","status":"queued"}\n'
