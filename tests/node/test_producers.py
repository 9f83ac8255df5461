"""The library reads what services send that keep jobs in a table."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from jobstatus import TOLERANT, Codec, DecodeError, JobStatus
from jobstatus.cli import app
from jobstatus.contract import sql
from jobstatus.history import check_history
from tests.node.producer import (
    FOLDER,
    PRODUCERS,
    Producer,
    compile_service,
    is_reachable,
    running,
    table,
)
from tests.support.databases import Connection

PAGE = Path(__file__).parent.parent.parent / "docs" / "producers.md"


@pytest.fixture(scope="module")
def service(tsc: Path) -> None:
    """Compile the service."""
    if not (FOLDER / "node_modules").is_dir():
        pytest.skip("needs the drivers: npm ci --prefix tests/node/producers")
    compile_service(tsc)


@pytest.fixture(scope="module", params=PRODUCERS)
def producer(request: pytest.FixtureRequest) -> Iterator[tuple[str, Producer]]:
    """Return each of the producers, with its name."""
    request.getfixturevalue("service")
    name: str = request.param
    require(name)
    with running(name) as running_producer:
        yield name, running_producer


def require(name: str) -> None:
    """Skip the test if the server that a producer needs is not reachable."""
    if not is_reachable(port := PRODUCERS[name]):
        pytest.skip(f"needs a database server on port {port}")


def test_the_page_on_producers_has_the_columns_of_the_real_drivers(
    producer: tuple[str, Producer],
) -> None:
    """Each row has the JSON that arrives, and the option that reads the stored value."""
    name, service = producer
    assert f"### {name}\n\n{table(service)}" in PAGE.read_text(encoding="utf-8")


def test_the_page_has_no_other_producers() -> None:
    """They are in the order of the tests."""
    headings = [
        line for line in PAGE.read_text(encoding="utf-8").splitlines() if line[:4] == "### "
    ]
    assert headings == [f"### {name}" for name in PRODUCERS]


def test_an_audit_finds_a_completed_job_that_the_user_had_cancelled(
    producer: tuple[str, Producer],
) -> None:
    """The worker does not look at the status that it overwrites."""
    _, service = producer
    key = str(service.post("jobs")["id"])
    seen = [service.get("jobs", key)]
    for action in ("cancel", "complete"):
        service.post("jobs", key, action)
        seen.append(service.get("jobs", key))
    jobs = [TOLERANT.decode(body) for body in seen]
    assert [job.status for job in jobs] == ["queued", "cancelled", "completed"]
    findings = [finding for finding in check_history(jobs) if finding.severity == "error"]
    assert [(finding.code, finding.job_id) for finding in findings] == [("outcome_replaced", key)]


def test_a_guard_stops_a_worker_that_does_not_look(producer: tuple[str, Producer]) -> None:
    """The service is unchanged. Its update is an error, and the job stays cancelled."""
    name, service = producer
    with closing(Connection(service.address)) as connection:
        for statement in sql.guard(connection.dialect, table="jobs"):
            connection.execute(statement)
        try:
            key = str(service.post("jobs")["id"])
            service.post("jobs", key, "cancel")
            refused = service.ask("POST", "jobs", key, "complete")
            assert refused.status == 500
            if "knex" in name:  # Drizzle hides the reason in the cause of its error
                assert b"status: cannot go from 'cancelled' to 'completed'" in refused.body
            assert TOLERANT.decode(service.get("jobs", key)).status == "cancelled"
        finally:
            for statement in sql.drop_guard(connection.dialect, table="jobs"):
                connection.execute(statement)


def test_the_id_of_a_status_endpoint_comes_from_its_path(producer: tuple[str, Producer]) -> None:
    """The body has no id, and the error is null."""
    _, service = producer
    key = str(service.post("jobs")["id"])
    body = service.get("jobs", key, "status")
    assert Codec(null="absent").decode(body, id=key) == JobStatus.queued(key)
    with pytest.raises(DecodeError, match=r"^id: required key is missing"):
        Codec(null="absent").decode(body)


def test_the_command_names_the_options_for_the_rows_of_a_producer(
    producer: tuple[str, Producer],
) -> None:
    """With these options, it reads the rows."""
    _, service = producer
    keys = [str(service.post("jobs")["id"]) for _ in range(3)]
    rows = b"\n".join(service.get("jobs", key) for key in keys).decode()
    hint = CliRunner().invoke(app, ["check", "-"], input=rows).stdout.splitlines()[-1]
    found, _, flags = hint.partition(" with ")
    assert found == "hint:     3 of 3 invalid payloads are valid"
    assert CliRunner().invoke(app, ["check", *flags.split(), "-"], input=rows).exit_code == 0


@pytest.mark.usefixtures("service")
def test_mysql2_reads_a_date_of_the_server_in_the_zone_of_the_process() -> None:
    """The page on producers warns about it."""
    require("knex, mysql2")
    dates: list[JobStatus] = []
    for zone in ("UTC", "America/New_York"):
        with running("knex, mysql2", zone) as producer:
            body = producer.get("kinds", "datetime(), filled by fn.now()")
            dates.append(Codec().decode(body))
    utc, new_york = (job.estimated_completion for job in dates)
    assert utc is not None
    assert new_york is not None
    assert timedelta(hours=3) < new_york - utc < timedelta(hours=6)
