"""The fuzzer: bytes that coverage guides, judged by tests/oracle.py."""
