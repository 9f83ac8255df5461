"""The library beside the real peer: V8 and TypeScript. Skipped where they are not installed."""
