"""Real workers of real queues, with a Redis of their own."""
