"""The fuzzer: Atheris generates bytes, and tests/support/judge.py checks how they are read."""
