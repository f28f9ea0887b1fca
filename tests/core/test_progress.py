"""Long work says how far it is to whoever listens."""

from referendum.core.progress import listen_to_progress, report_progress


def test_a_listener_hears_the_steps_inside_its_block_only():
    heard = []
    report_progress("before", 1, 1)
    with listen_to_progress(lambda *said: heard.append(said)):
        report_progress("counting", 1, 2)
        report_progress("counting", 2, 2)
    report_progress("after", 1, 1)
    assert heard == [("counting", 1, 2), ("counting", 2, 2)]
