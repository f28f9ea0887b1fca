"""Long work says how far it is to whoever listens."""

from referendum.core.progress import step, told_to


def test_a_listener_hears_the_steps_inside_its_block_only():
    heard = []
    step("before", 1, 1)
    with told_to(lambda *said: heard.append(said)):
        step("counting", 1, 2)
        step("counting", 2, 2)
    step("after", 1, 1)
    assert heard == [("counting", 1, 2), ("counting", 2, 2)]
