"""A worker that hashes files, and publishes its job's status as NDJSON on standard output.

Run: python examples/worker.py JOB-ID FILE...
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from jobstatus import Codec, JobStatus, Queued


def work(job: JobStatus[Queued], files: Sequence[Path]) -> Iterator[JobStatus]:
    """Yield every status that the job goes through."""
    yield job
    running = job.start(progress=0)
    yield running
    for done, path in enumerate(files, start=1):
        try:
            digest = hashlib.sha256(path.read_bytes())
        except OSError as error:
            yield running.fail(str(error))
            return
        print(digest.hexdigest(), path, file=sys.stderr)
        running = running.update(progress=100 * done / len(files))
        yield running
    yield running.complete()


def main(id: str, *names: str) -> None:
    """Do the work, and write each status to standard output at once."""
    statuses = work(JobStatus.queued(id), [Path(name) for name in names])
    for line in Codec().encode_lines(statuses):
        sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
