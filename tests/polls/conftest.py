"""Scotland's polls, read once."""

import pytest
from poll_tables import VOTES, received

from referendum.polls import to_observations


@pytest.fixture(scope="session")
def scotland():
    """Scotland's polls as numbers, and the eve of the vote."""
    polls = to_observations(received("scotland_2014").polls)
    return polls, (VOTES["scotland_2014"][0] - polls.origin).days - 1
