"""Tests of the modules in `jobstatus._wire`."""
