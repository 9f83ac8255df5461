"""Reads the jobs in a stream of bytes, whatever separates its JSON documents."""

from jobstatus.streams._read import read_stream

__all__ = ["read_stream"]
