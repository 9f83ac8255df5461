"""The specification of the stores."""

import pytest

pytest.register_assert_rewrite(
    "tests.stores.behaviour", "tests.stores.guard_behaviour", "tests.stores.work_behaviour"
)
