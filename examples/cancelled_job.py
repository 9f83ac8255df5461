"""Work on a job until it is done, or somebody cancels it."""

import time
from contextlib import suppress

from jobstatus import JobStatus, OvertakenError
from jobstatus.stores import SqliteStore

store = SqliteStore("jobs.sqlite")
store.create(JobStatus.queued("job-42"))
with suppress(OvertakenError), store.work("job-42") as work:
    for _ in work.track(range(100)):
        time.sleep(0.1)
