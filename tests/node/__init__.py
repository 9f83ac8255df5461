"""Comparisons of the library with V8 and TypeScript. Skipped if they are not installed."""
