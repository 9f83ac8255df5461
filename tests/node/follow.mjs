// Follows the job at a URL with the compiled module, and writes a line of JSON for each change, and
// one for the end. Run: node follow.mjs MODULE URL [OPTIONS], in which OPTIONS are JSON.
// `timeout` makes a signal, `abort` aborts it and `take` leaves the loop after some changes.

const [, , module, url, text = '{}'] = process.argv;
const { followJobStatus } = await import(module);
const { timeout, abort, take = Infinity, ...options } = JSON.parse(text);
const controller = new AbortController();
if (abort !== undefined) {
  options.signal = controller.signal;
}
if (timeout !== undefined) {
  options.signal = AbortSignal.timeout(timeout);
}

let count = 0;
try {
  for await (const job of followJobStatus(url, options)) {
    console.log(JSON.stringify(job));
    count += 1;
    if (count === abort) {
      controller.abort();
    }
    if (count >= take) {
      break;
    }
  }
  console.log(JSON.stringify({ end: count }));
} catch (error) {
  console.log(JSON.stringify({ error: error.name, message: error.message, code: error.status }));
}
