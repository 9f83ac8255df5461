"""The recipes for tables in docs/integrations lose no update."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from jobstatus import JobStatus

PAGES = Path(__file__).parent.parent / "docs" / "integrations"
SQLALCHEMY = """
import sys
from sqlalchemy import event
engine = create_engine(f"sqlite:///{sys.argv[1]}", connect_args={"timeout": 60})
event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous = OFF"))
if sys.argv[2] == "create":
    Base.metadata.create_all(engine)
    with Session(engine) as session, session.begin():
        session.add(JobRow.of(JobStatus.queued("job-42").start(progress=0)))
else:
    done = 0
    while done < 400:
        with engine.begin() as connection:
            version, job = read(connection, "job-42")
            job = job.update(progress=(job.progress or 0) + 1 / 32)
            done += save(connection, version, job)
engine.dispose()
"""
DJANGO_SETTINGS = """
import sys
import django
from django.conf import settings
options = {"timeout": 60, "init_command": "PRAGMA synchronous = OFF"}
database = {"ENGINE": "django.db.backends.sqlite3", "NAME": sys.argv[1], "OPTIONS": options}
settings.configure(DATABASES={"default": database})
django.setup()
"""
DJANGO = """
from django.db import connection
if sys.argv[2] == "create":
    with connection.schema_editor() as editor:
        editor.create_model(Job)
    Job.of(JobStatus.queued("job-42").start(progress=0)).save(force_insert=True)
else:
    done = 0
    while done < 400:
        row = Job.objects.get(pk="job-42")
        done += save(row.version, row.job.update(progress=(row.job.progress or 0) + 1 / 32))
connection.close()
"""


def recipe(page: str, name: str) -> str:
    """Return the definitions of a recipe, without the example of their use."""
    text = (PAGES / page).read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    (found,) = [block for block in blocks if f"class {name}(" in block]
    return str(found.partition("\n# A worker that read")[0])


@pytest.mark.sampling
@pytest.mark.parametrize(
    ("program", "query"),
    [
        (recipe("sqlalchemy.md", "JobRow") + SQLALCHEMY, "SELECT version, status, job FROM jobs"),
        (
            DJANGO_SETTINGS + recipe("django.md", "Job") + DJANGO,
            "SELECT version, status, payload FROM jobs_job",
        ),
    ],
    ids=["SQLAlchemy", "Django"],
)
def test_no_update_of_eight_processes_is_lost(tmp_path: Path, program: str, query: str) -> None:
    """Of 3,200 updates within one state, 3,200 arrive. Those that lose are made again."""
    path = tmp_path / "jobs.sqlite"
    command = [sys.executable, "-c", program, str(path)]
    subprocess.run([*command, "create"], check=True)
    workers = [subprocess.Popen([*command, "update"]) for _ in range(8)]
    assert [worker.wait() for worker in workers] == [0] * 8
    with closing(sqlite3.connect(path)) as database:
        ((version, status, text),) = database.execute(query)
    assert (version, status, JobStatus.from_json(text).progress) == (3_201, "processing", 100)
