"""A JobStatus is at home in pydantic's models and adapters."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError, create_model
from pydantic_core import PydanticSerializationError

from jobstatus import Codec, Completed, DecodeError, JobStatus, Queued
from jobstatus.contract import openapi_component
from jobstatus.strategies import InvalidPayload, invalid_payloads, job_statuses

ANY: TypeAdapter[JobStatus] = TypeAdapter(JobStatus)
REJECTING: TypeAdapter[JobStatus] = TypeAdapter(Annotated[JobStatus, Codec(unknown_keys="reject")])
REFERENCE = {"$ref": "#/$defs/JobStatus"}


class Report(BaseModel):
    """What a user's model looks like."""

    latest: JobStatus
    waiting: list[JobStatus[Queued]] = []
    done: JobStatus[Completed] | None = None


def refused(value: object) -> list[Any]:
    """Return pydantic's errors for a payload."""
    with pytest.raises(ValidationError) as invalid:
        ANY.validate_python(value)
    return invalid.value.errors()


@given(job_statuses())
def test_a_job_is_taken_as_it_is(job: JobStatus) -> None:
    """Not copied, and not read again."""
    assert ANY.validate_python(job) is job
    assert Report(latest=job).latest is job


@given(job_statuses())
def test_a_payload_is_read(job: JobStatus) -> None:
    """As the codec reads it."""
    assert ANY.validate_python(job.to_payload()) == job


@given(job_statuses(ids=st.text(), error_texts=st.text()))
def test_a_document_is_read(job: JobStatus) -> None:
    """By pydantic's own parser, which has no lone surrogates."""
    assert ANY.validate_json(job.to_json()) == job


@given(job_statuses(ids=st.text(), error_texts=st.none() | st.text()))
def test_what_is_written_is_what_we_write(job: JobStatus) -> None:
    """But for a progress between 1e-6 and 1e-5, which pydantic writes with an exponent."""
    written = ANY.dump_json(job)
    assert ANY.validate_json(written) == job
    if job.progress is None or not 1e-6 <= job.progress < 1e-5:
        assert written == Codec().encode(job)


def test_pydantic_spells_one_range_of_numbers_otherwise() -> None:
    """They are the same numbers."""
    job = JobStatus("a", "processing", progress=1.5e-6)
    assert ANY.dump_json(job) == b'{"id":"a","status":"processing","progress":1.5e-6}'
    assert job.to_json() == '{"id":"a","status":"processing","progress":0.0000015}'


def test_pydantic_cannot_write_a_lone_surrogate() -> None:
    """It encodes what it is given, so this error is its own; docs/integrations.md shows the way."""
    with pytest.raises(PydanticSerializationError):
        ANY.dump_json(JobStatus("\ud800", "queued"))
    assert ANY.dump_python(JobStatus("\ud800", "queued"), mode="json") == {
        "id": "\ud800",
        "status": "queued",
    }


def test_a_model_is_dumped_and_validated_again() -> None:
    """As Python it keeps the jobs, as JSON it has payloads."""
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
def test_every_problem_is_an_error_of_its_own(invalid: InvalidPayload) -> None:
    """With our code as its type, our pointer in its context, and its place."""
    errors = refused(invalid.payload)
    assert {(error["ctx"]["pointer"], error["type"]) for error in errors} == invalid.problems
    assert len(errors) == len(invalid.problems)
    with pytest.raises(DecodeError) as ours:
        JobStatus.from_payload(invalid.payload)
    assert [error["msg"] for error in errors] == [p.message for p in ours.value.problems]
    for error in errors:
        assert "".join(f"/{token}" for token in error["loc"]) == error["ctx"]["pointer"]


def test_where_nothing_came_the_payload_is_shown() -> None:
    """As pydantic does, but as an excerpt."""
    (error,) = refused({"id": "a"})
    assert (error["type"], error["loc"], error["input"]) == ("missing", ("status",), "{'id': 'a'}")


@given(invalid_payloads())
def test_an_error_can_be_sent_and_is_bounded(invalid: InvalidPayload) -> None:
    """What came is quoted so that any JSON encoder writes it, and 80 characters of it at most."""
    for error in refused(invalid.payload):
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
def test_what_came_is_shown(value: object, shown: object) -> None:
    """As it is if it is short and plain, otherwise as an excerpt of its repr."""
    (error,) = refused({"id": "a", "status": "queued", "progress": value})
    assert (error["input"], type(error["input"])) == (shown, type(shown))


def test_a_message_is_not_taken_for_a_template() -> None:
    """Braces in what came stay what they are."""
    (error,) = refused({"id": "a", "status": "{pointer} {message}"})
    assert error["msg"].endswith("got '{pointer} {message}'")


@pytest.mark.parametrize("value", [None, 5, "{}", b"{}", memoryview(b"{}"), [], JobStatus])
def test_what_is_no_object_is_refused(value: object) -> None:
    """Text too, which is a document and not a payload."""
    (error,) = refused(value)
    assert (error["type"], error["loc"], error["ctx"]["pointer"]) == ("wrong_type", (), "")


def test_places_go_on_inside_a_model() -> None:
    """The pointer begins at the job, as in `register_hooks`; the place at the model."""
    with pytest.raises(ValidationError) as invalid:
        Report.model_validate({"latest": {"id": 1}, "waiting": [5, {"id": "a", "status": "x"}]})
    errors: list[Any] = invalid.value.errors()
    assert [(error["loc"], error["ctx"]["pointer"]) for error in errors] == [
        (("latest", "id"), "/id"),
        (("latest", "status"), "/status"),
        (("waiting", 0), ""),
        (("waiting", 1, "status"), "/status"),
    ]


@pytest.mark.parametrize("mode", ["validation", "serialization"])
def test_the_schema_is_the_contracts_and_is_there_once(mode: Any) -> None:
    """A definition to which the fields refer, whatever they say of the state."""
    schema = Report.model_json_schema(mode=mode)
    assert schema["$defs"] == {"JobStatus": openapi_component()}
    properties = schema["properties"]
    assert properties["latest"] == REFERENCE
    assert properties["waiting"]["items"] == REFERENCE
    assert properties["done"]["anyOf"][0] == REFERENCE


def test_the_schema_of_the_type_alone_is_the_component() -> None:
    """For who asks for a JobStatus and nothing around it."""
    assert ANY.json_schema() == openapi_component()


def test_a_model_of_the_same_name_keeps_its_own_schema() -> None:
    """Both are defined, by longer names."""
    other = create_model("JobStatus", mine=(int, ...))
    pair = create_model("Pair", theirs=(other, ...), ours=(JobStatus, ...))
    definitions = pair.model_json_schema()["$defs"]
    assert openapi_component() in definitions.values()
    assert [*definitions] == ["jobstatus__JobStatus", "tests__test_pydantic__JobStatus"]


LENIENT: Any = Annotated[JobStatus, Codec(null="absent", unknown_keys="reject", max_depth=5)]


def test_another_policy_stands_in_the_annotation() -> None:
    """A codec reads by its own, beside a job that is read by the default."""
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
    assert schema["properties"] == {"lenient": REFERENCE, "strict": REFERENCE}


@given(invalid_payloads(codec=Codec(unknown_keys="reject")))
def test_unknown_keys_are_shown_so_that_they_can_be_sent(invalid: InvalidPayload) -> None:
    """Whatever is in them."""
    with pytest.raises(ValidationError) as refusal:
        REJECTING.validate_python(invalid.payload)
    errors: list[Any] = refusal.value.errors()
    assert {error["type"] for error in errors} == {code for _, code in invalid.problems}
    json.dumps(errors, ensure_ascii=False, allow_nan=False).encode("utf-8")


@pytest.mark.parametrize("annotation", [list[JobStatus], JobStatus | None, str])
def test_a_codec_is_for_a_job_alone(annotation: Any) -> None:
    """Not for what holds one."""
    wrong: Any = Annotated[annotation, Codec()]
    with pytest.raises(TypeError, match="expected Annotated\\[JobStatus, Codec"):
        create_model("Wrong", jobs=(wrong, ...))


def test_the_library_does_not_need_pydantic() -> None:
    """Nothing asks for it before pydantic does."""
    program = (
        "import sys; sys.modules['pydantic'] = sys.modules['pydantic_core'] = None\n"
        "import jobstatus, jobstatus.contract; print(jobstatus.JobStatus.queued('a').to_json())"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout == b'{"id":"a","status":"queued"}\n'
