"""The router that serves the status of jobs."""

import pytest

pytest.register_assert_rewrite("tests.serving.behaviour")
