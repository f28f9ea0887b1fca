"""A waterfall of weights as SVG: from the odds before to the odds after, part by part."""

from markupsafe import Markup

from referendum.matching import Candidate, Explanation

WIDTH, LABELS, ROW, TOP, END = 760, 380, 30, 64, 70


def waterfall(explained: Explanation, candidate: Candidate) -> Markup:
    """Draw what each part of a candidate weighed.

    Args:
        explained: the line.
        candidate: one of its candidates.
    """
    steps = [weight.bits for weight in candidate.weights]
    sums = [sum(steps[:place]) for place in range(len(steps) + 1)]
    low, high = min(sums), max(sums)
    scale = (WIDTH - LABELS - END) / max(high - low, 1.0)

    def x(bits: float) -> float:
        return LABELS + (bits - low) * scale

    height = TOP + ROW * (len(steps) + 1) + 40
    pair = f"Line {explained.line_id} and elector {candidate.elector_id}"
    title = f"{pair}: chance {candidate.posterior:.3f}"
    head = Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1}" role="img" aria-label="{2}"'
        ' font-family="sans-serif" font-size="13" fill="#222">'
        '<rect width="{0}" height="{1}" fill="#fff"/><text x="16" y="24" font-size="15">{2}</text>'
        '<text x="16" y="44" fill="#555">weights in bits: each bit doubles the odds that this'
        " elector signed</text>"
    ).format(WIDTH, height, title)
    parts = [
        _step(place, weight.words, weight.bits, x(before), x(after))
        for place, (weight, before, after) in enumerate(
            zip(candidate.weights, sums, sums[1:], strict=False)
        )
    ]
    last = _step(len(steps), "log-odds in the end", sums[-1], x(0), x(sums[-1]), "#444")
    even = Markup(
        '<line x1="{0:.1f}" x2="{0:.1f}" y1="{1}" y2="{2}" stroke="#222" stroke-dasharray="3 3"/>'
        '<text x="{0:.1f}" y="{3}" text-anchor="middle" fill="#555">even odds</text>'
    ).format(x(0), TOP - 8, height - 34, height - 16)
    return Markup("").join([head, *parts, last, even, Markup("</svg>\n")])


def _step(
    place: int, words: str, bits: float, before: float, after: float, fill: str = ""
) -> Markup:
    y = TOP + ROW * place
    colour = fill or ("#2b6cb0" if bits >= 0 else "#c05621")
    return Markup(
        '<text x="{0}" y="{1}" text-anchor="end">{2}</text>'
        '<rect x="{3:.1f}" y="{4}" width="{5:.1f}" height="20" fill="{6}"/>'
        '<text x="{7:.1f}" y="{1}">{8}</text>'
    ).format(
        LABELS - 12, y + 15, words, min(before, after), y, max(abs(after - before), 1.5), colour,
        max(before, after) + 6, f"{bits:+.1f}",
    )  # fmt: skip
