"""What the office accepts of what its record tells of few people: named, with the cause."""

from typing import Any

from referendum.verify.kinds import Act
from referendum.verify.report import Mismatch


def check_acceptance(act: Act, _inputs: Any, _outputs: Any) -> str:  # noqa: ANN401 - none are read
    """See that the findings are named in order, each once; say how many, and the cause."""
    named: list[str] = act["parameters"]["findings"]
    if named != sorted(set(named)):
        raise Mismatch("the findings are not in order, or one is named twice")
    cause = act["parameters"]["cause"]
    return f"{len(named):,} findings on few people published all the same, because: {cause[:200]}"
