"""Uses that type checkers must accept: checked by mypy and pyright, never run."""

from __future__ import annotations

import copy
import functools
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, assert_type

import attrs
from cattrs import Converter
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from jobstatus import (
    RETRYING,
    TOLERANT,
    Cancelled,
    Codec,
    Completed,
    DecodeError,
    Failed,
    JobState,
    JobStatus,
    Lifecycle,
    Payload,
    Processing,
    Queued,
    StateName,
    in_state,
    make_converter,
    register_hooks,
)
from jobstatus.errors import ProblemCode, ProblemDetails
from jobstatus.history import (
    SEVERITIES,
    Audit,
    Finding,
    FindingCode,
    Severity,
    check_history,
    merge,
)
from jobstatus.strategies import (
    InvalidPayload,
    JobStatusMachine,
    JsonDocument,
    Observation,
    histories,
    invalid_payloads,
    job_statuses,
    json_documents,
    observations,
    payloads,
)


def steps_know_the_state(estimate: datetime) -> None:
    queued = JobStatus.queued("job-42", estimated_completion=estimate)
    assert_type(queued, JobStatus[Queued])
    assert_type(queued.start(progress=0), JobStatus[Processing])
    assert_type(queued.update(progress=None), JobStatus[Queued])
    assert_type(queued.start().update(progress=12.5), JobStatus[Processing])
    assert_type(queued.start().complete(), JobStatus[Completed])
    assert_type(queued.fail("refused"), JobStatus[Failed])
    assert_type(queued.start().fail("disk full"), JobStatus[Failed])
    assert_type(queued.cancel(), JobStatus[Cancelled])
    assert_type(queued.start().cancel("by the customer"), JobStatus[Cancelled])


def jobs_that_were_read_may_take_any_step(data: bytes, payload: Payload) -> None:
    job = JobStatus.from_json(data)
    assert_type(job, JobStatus[Any])
    assert_type(JobStatus.from_payload(payload), JobStatus[Any])
    assert_type(JobStatus("job-42", "queued"), JobStatus[Any])
    assert_type(JobStatus("job-42", JobState.QUEUED), JobStatus[Any])
    assert_type(job.start(), JobStatus[Processing])
    assert_type(job.update(progress=1), JobStatus[Any])
    assert_type(job.complete(), JobStatus[Completed])
    assert_type(job.fail("x"), JobStatus[Failed])
    assert_type(job.cancel(), JobStatus[Cancelled])
    assert_type(job.transition_to("queued"), JobStatus[Any])


def fields_have_types(job: JobStatus) -> None:
    assert_type(job.id, str)
    assert_type(job.status, JobState)
    assert_type(job.progress, float | None)
    assert_type(job.estimated_completion, datetime | None)
    assert_type(job.error, str | None)


def in_state_narrows_to_one_state(job: JobStatus) -> None:
    if in_state(job, JobState.QUEUED):
        assert_type(job, JobStatus[Queued])
        job.start()
    elif in_state(job, JobState.PROCESSING):
        assert_type(job, JobStatus[Processing])
    elif in_state(job, JobState.COMPLETED):
        assert_type(job, JobStatus[Completed])
    elif in_state(job, JobState.FAILED):
        assert_type(job, JobStatus[Failed])
    elif in_state(job, JobState.CANCELLED):
        assert_type(job, JobStatus[Cancelled])
    else:
        assert_type(job, JobStatus[Any])


def in_state_narrows_to_several_states(job: JobStatus) -> None:
    if in_state(job, JobState.QUEUED, JobState.PROCESSING):
        assert_type(job, JobStatus[Queued | Processing])
        job.cancel()
        job.fail("x")
        assert_type(job.update(progress=1), JobStatus[Queued | Processing])
    elif in_state(job, JobState.COMPLETED, JobState.FAILED, JobState.CANCELLED):
        assert_type(job, JobStatus[Completed | Failed | Cancelled])


def in_state_takes_strings_too(job: JobStatus) -> None:
    if in_state(job, "queued"):
        assert_type(job, JobStatus[Queued])
    elif in_state(job, "processing", JobState.QUEUED):
        assert_type(job, JobStatus[Queued | Processing])
    elif in_state(job, "completed", "failed", "cancelled"):
        assert_type(job, JobStatus[Completed | Failed | Cancelled])


def the_type_parameter_is_covariant(queued: JobStatus[Queued]) -> None:
    active: JobStatus[Queued | Processing] = queued
    anything: JobStatus[JobState] = active
    untyped: JobStatus = anything
    takes_any(queued)
    takes_any(untyped)


def takes_any(job: JobStatus) -> str:
    return job.to_json()


def copies_keep_the_type_parameter(job: JobStatus[Processing]) -> None:
    assert_type(attrs.evolve(job, progress=50), JobStatus[Processing])
    assert_type(copy.copy(job), JobStatus[Processing])
    if sys.version_info >= (3, 13):
        assert_type(copy.replace(job, progress=4, error=None), JobStatus[Processing])


def the_codec_has_types(codec: Codec, data: bytes, lines: list[bytes], job: JobStatus) -> None:
    assert_type(codec.decode(data), JobStatus[Any])
    assert_type(codec.decode_array(data), list[JobStatus[Any]])
    assert_type(codec.decode_lines(lines), Iterator[JobStatus[Any]])
    assert_type(codec.decode_lines(lines, errors="raise"), Iterator[JobStatus[Any]])
    assert_type(codec.decode_lines(lines, errors="yield"), Iterator[JobStatus[Any] | DecodeError])
    assert_type(codec.encode(job), bytes)
    assert_type(codec.encode_lines([job]), Iterator[bytes])
    assert_type(codec.to_payload(job), Payload)
    assert_type(job.to_payload(), Payload)


def errors_have_types(error: DecodeError) -> None:
    assert_type(error.to_problem_details(), ProblemDetails)
    assert_type(error.line, int | None)


def a_lifecycle_takes_states_or_strings(
    states: dict[JobState, list[JobState]], names: Mapping[StateName, set[StateName]]
) -> None:
    Lifecycle(states)
    Lifecycle(names)
    Lifecycle({"queued": ["processing"], "processing": {JobState.FAILED: "a reason"}})
    Lifecycle({JobState.QUEUED: ["failed"], "processing": []})


def codecs_have_types(data: bytes, converter: Converter, names: dict[str, JobState]) -> None:
    codec = Codec(ids="number", numbers="text", dates="any", states={"canceled": "cancelled"})
    assert_type(codec.states, tuple[tuple[str, JobState], ...])
    assert_type(attrs.evolve(codec, states=names), Codec)
    assert_type(codec.decode(data, id="42"), JobStatus[Any])
    assert_type(JobStatus.from_json(data, id="42"), JobStatus[Any])
    assert_type(JobStatus.from_payload({"status": "queued"}, id="42"), JobStatus[Any])
    job = Codec(unknown_keys="keep").decode(data)
    assert_type(job.extra, dict[str, object])
    assert_type(attrs.evolve(job, extra={**job.extra, "attempt": 3}), JobStatus[Any])
    assert_type(JobStatus("a", "queued", extra={"attempt": 3}), JobStatus[Any])
    register_hooks(converter, codec=TOLERANT)
    assert_type(make_converter(codec=TOLERANT), Converter)


def histories_have_types(job: JobStatus[Queued], lines: list[bytes], finding: Finding) -> None:
    assert_type(check_history([job], lifecycle=RETRYING, gaps=False), Iterator[Finding])
    assert_type(check_history(Codec().decode_lines(lines)), Iterator[Finding])
    audit = Audit(lifecycle=RETRYING, gaps=False)
    assert_type(audit.add(job, line=7), list[Finding])
    assert_type(audit.jobs, Mapping[str, JobStatus[Any]])
    assert_type(SEVERITIES, Mapping[FindingCode, Severity])
    assert_type(merge(job, job.start(), job.cancel()), JobStatus[Any])
    assert_type(functools.reduce(merge, Codec().decode_lines(lines)), JobStatus[Any])
    assert_type(finding.code, FindingCode)
    assert_type(finding.severity, Severity)
    assert_type(finding.message, str)
    assert_type(finding.index, int)
    assert_type(finding.job_id, str)
    assert_type(finding.line, int | None)
    assert_type(finding.before, JobStatus[Any] | None)
    assert_type(finding.after, JobStatus[Any])


def strategies_have_types(ids: SearchStrategy[str]) -> None:
    assert_type(job_statuses(states=["queued", JobState.FAILED]), SearchStrategy[JobStatus[Any]])
    assert_type(job_statuses(ids=ids, error_texts=ids), SearchStrategy[JobStatus[Any]])
    assert_type(payloads(), SearchStrategy[Payload])
    assert_type(json_documents(codec=Codec()), SearchStrategy[JsonDocument])
    assert_type(invalid_payloads(jobs=job_statuses()), SearchStrategy[InvalidPayload])
    assert_type(histories(lifecycle=RETRYING), SearchStrategy[list[JobStatus[Any]]])
    assert_type(observations(histories=histories()), SearchStrategy[Observation])


def documents_have_types(document: JsonDocument, invalid: InvalidPayload) -> None:
    assert_type(document.data, bytes)
    assert_type(document.job, JobStatus[Any])
    assert_type(invalid.payload, dict[str, object])
    assert_type(invalid.problems, frozenset[tuple[str, ProblemCode]])


class Machine(JobStatusMachine):
    ids = st.uuids().map(str)
    dates = st.none()

    def create(self, job: JobStatus) -> bool:
        return job.status in self.lifecycle.terminal

    def apply(self, before: JobStatus, after: JobStatus) -> bool:
        return self.allows(before, after)
