// A BullMQ worker, whose jobs tests/live/queues/test_bullmq.py adds. Run: node worker.mjs URL QUEUE.
// The name of a job says what it does.

import { Worker } from 'bullmq';
import IORedis from 'ioredis';

const [, , url, queue] = process.argv;
const connection = new IORedis(url, { maxRetriesPerRequest: null });

const ACTIONS = {
  complete: async (job) => job.updateProgress(50),
  fail: () => {
    throw new TypeError('https://example.com/?key=SECRET');
  },
  retry: (job) => {
    if (job.attemptsMade === 0) {
      throw new RangeError('try again');
    }
  },
  die: () => process.kill(process.pid, 'SIGKILL'),
  report: async (job) => {
    await job.updateProgress(job.data.progress);
    await new Promise((resolve) => setTimeout(resolve, job.data.milliseconds));
  },
};

const worker = new Worker(queue, (job) => ACTIONS[job.name](job), {
  connection,
  lockDuration: 1000, // a killed worker is noticed soon
  stalledInterval: 500,
  maxStalledCount: 0,
});
await worker.waitUntilReady();
console.log('ready');
