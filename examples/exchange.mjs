// Plays a day of a TypeScript job service and writes every status it would publish, a line each:
//
//     node examples/exchange.mjs > examples/exchange.ndjson
//
// Nothing here spells JSON: each line is what JSON.stringify makes of an object of the interface.

const noon = Date.UTC(2026, 10, 23, 12);
const minutes = (n) => new Date(noon + n * 60_000);

function* succeeds(id, at) {
  yield { id, status: 'queued' };
  yield { id, status: 'processing', progress: 0, estimatedCompletion: minutes(at + 3) };
  for (const done of [1, 2]) {
    yield { id, status: 'processing', progress: (done / 3) * 100, estimatedCompletion: minutes(at + 3.5) };
  }
  yield { id, status: 'completed', progress: 100 };
}

function* fails(id, at, error) {
  yield { id, status: 'queued', estimatedCompletion: minutes(at) };
  yield { id, status: 'processing', progress: 1e-7, estimatedCompletion: new Date(noon + at * 60_000 + 123) };
  yield { id, status: 'failed', progress: 0.1 + 0.2, error };
}

function* isCancelled(id) {
  yield { id, status: 'queued' };
  yield { id, status: 'cancelled', error: 'cancelled by the customer' };
}

const histories = [
  succeeds('report-1', 0),
  fails('thumbnail-2', 5, 'ENOENT: no such file or directory, open \'/data/caf\u00e9 \ud83d\udcf7.png\''),
  isCancelled('export-3'),
  succeeds('import/4~\u2028', 12),
  fails('audit-5', 20, 'line 1\nline 2\t"quoted" \\ \u0000 \ud800'),
  succeeds('', 30),
  isCancelled('backup-7'),
];

// Interleaved, as a poller sees them.
while (histories.length > 0) {
  const history = histories.shift();
  const { value, done } = history.next();
  if (!done) {
    console.log(JSON.stringify(value));
    histories.push(history);
  }
}
