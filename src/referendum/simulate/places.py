"""Made-up addresses of Alberta's shape: block faces, apartment blocks, rural boxes and land."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from referendum.simulate.chance import Array

CITIES = {
    "Calgary": 0.40, "Edmonton": 0.31, "Red Deer": 0.035, "Lethbridge": 0.03, "St. Albert": 0.022,
    "Airdrie": 0.024, "Medicine Hat": 0.02, "Grande Prairie": 0.02, "Fort McMurray": 0.022,
    "Spruce Grove": 0.013, "Leduc": 0.011, "Lloydminster": 0.008, "Camrose": 0.007, "Brooks": 0.005,
    "Cold Lake": 0.005, "Fort Saskatchewan": 0.009, "Chestermere": 0.008, "Okotoks": 0.01,
    "Cochrane": 0.011, "Canmore": 0.005,
}  # fmt: skip
"""Cities with rough shares of the urban households."""

SMALL_PLACES = 330
RURAL_SHARE = 0.12
QUADRANTS = {"Calgary": ("NW", "NE", "SW", "SE"), "Edmonton": ("NW", "NW", "NW", "SW")}
DISTRICTS = 87

_STREET_NAMES = """
    Maple Cedar Aspen Birch Willow Poplar Spruce Lodgepole Saskatoon Chinook Prairie Foothills Ridge
    River Valley Meadow Lake Summit Heritage Sunrise Pioneer Railway Church School Station Coulee
    Bow Elbow Peace Athabasca Beaver Elk Bison Falcon Heron Sandstone Granite Copper Silver
""".split()  # noqa: SIM905
_STREET_TYPES = (
    "Street",
    "Avenue",
    "Road",
    "Drive",
    "Crescent",
    "Boulevard",
    "Close",
    "Place",
    "Way",
)
_PLACE_HEADS = """
    Bear Clear Eagle Stone Red Blue Pine Elk Long Three High Cold Sweet Black White Fox Swan Moose
    Gull Buck Lone Iron
""".split()  # noqa: SIM905
_PLACE_TAILS = """
    Creek Hill Lake Valley Butte Plain Ford Crossing Ridge Grove Spring Flat Bend Rock River
""".split()  # noqa: SIM905
_POSTAL_LETTERS = np.array(list("ABCEGHJKLMNPRSTVWXYZ"))


@dataclass(frozen=True)
class Block:
    """A kind of block: how common it is, and how many households share a face, building or box."""

    share: float
    smallest: int
    largest: int


HOUSES = Block(0.74, 10, 26)
APARTMENTS = Block(0.14, 20, 160)
RURAL = Block(RURAL_SHARE, 15, 60)


def draw_addresses(rng: np.random.Generator, households: int) -> pl.DataFrame:
    """Give each household an address; neighbours stand together.

    Returns:
        `unit`, `street_number`, `street`, `locality`, `postal_code`, `district`, one row each.
    """
    blocks = households // 10 + 1
    kind = rng.choice(3, blocks, p=[HOUSES.share, APARTMENTS.share, RURAL.share])
    low = np.array([HOUSES.smallest, APARTMENTS.smallest, RURAL.smallest])[kind]
    high = np.array([HOUSES.largest, APARTMENTS.largest, RURAL.largest])[kind]
    sizes = rng.integers(low, high + 1)
    of_block = np.repeat(np.arange(blocks), sizes)[:households]
    starts = np.repeat(np.cumsum(sizes) - sizes, sizes)[:households]
    within = np.arange(households) - starts
    table = _blocks(rng, kind)
    each = table[of_block]
    numbers = _house_numbers(rng, of_block, within, each["kind"].to_numpy())
    return each.select(
        unit=pl.when(pl.col("kind") == 1).then(pl.Series(_door_numbers(within))),
        street_number=pl.Series(numbers, dtype=pl.String),
        street="street",
        locality="locality",
        postal_code="postal_code",
        district="district",
    )


def _blocks(rng: np.random.Generator, kind: Array) -> pl.DataFrame:
    """Give each block its place, street and postal code."""
    count = len(kind)
    names = np.array(list(CITIES), dtype=object)
    shares = np.array(list(CITIES.values()))
    places = names[rng.choice(len(names), count, p=shares / shares.sum())]
    rural = kind == 2
    places[rural] = [
        _small_place_name(number) for number in rng.integers(0, SMALL_PLACES, rural.sum())
    ]
    streets = [
        _rural_address(rng) if is_rural else _street(rng, place)
        for place, is_rural in zip(places, rural, strict=True)
    ]
    return pl.DataFrame(
        {
            "kind": kind,
            "street": streets,
            "locality": places.tolist(),
            "postal_code": _postal_codes(rng, places, rural),
            "district": [
                f"District {1 + _place_code(place, 0) % DISTRICTS:02}" for place in places
            ],
        }
    )


def _small_place_name(number: int) -> str:
    tail, head = divmod(number, len(_PLACE_HEADS))
    return f"{_PLACE_HEADS[head]} {_PLACE_TAILS[tail % len(_PLACE_TAILS)]}"


def _street(rng: np.random.Generator, place: str) -> str:
    if rng.random() < 0.6:
        name = f"{rng.integers(1, 180)} {_STREET_TYPES[rng.integers(0, 2)]}"
    else:
        street = _STREET_NAMES[rng.integers(len(_STREET_NAMES))]
        name = f"{street} {_STREET_TYPES[rng.integers(len(_STREET_TYPES))]}"
    quadrants = QUADRANTS.get(place)
    return f"{name} {quadrants[rng.integers(4)]}" if quadrants else name


def _rural_address(rng: np.random.Generator) -> str:
    """Give a rural route, or land by quarter, section, township, range and meridian."""
    if rng.random() < 0.5:
        return f"RR {rng.integers(1, 10)} Site {rng.integers(1, 30)}"
    quarter = ("NE", "NW", "SE", "SW")[rng.integers(4)]
    section, township, west = (
        rng.integers(1, 37),
        rng.integers(1, 127),
        rng.integers(1, 31),
    )
    return f"{quarter} {section}-{township}-{west} W{rng.integers(4, 7)}"


def _postal_codes(rng: np.random.Generator, places: Array, rural: Array) -> list[str]:
    parts = rng.integers(0, [20, 10, 20, 10], (len(places), 4))
    codes = []
    for place, drawn, is_rural in zip(places, parts, rural, strict=True):
        # A rural place has one code; a zero in second place marks it.
        area, digit, letter, last = (
            (_place_code(place, n) for n in range(1, 5)) if is_rural else drawn
        )
        first = f"T{0 if is_rural else 1 + digit % 9}{_POSTAL_LETTERS[area % 20]}"
        codes.append(f"{first} {digit % 10}{_POSTAL_LETTERS[letter % 20]}{last % 10}")
    return codes


def _place_code(place: str, salt: int) -> int:
    return sum(ord(letter) * (7 + salt) ** (index % 5) for index, letter in enumerate(place))


def _house_numbers(
    rng: np.random.Generator, of_block: Array, within: Array, kind: Array
) -> list[str | None]:
    first = rng.integers(1, 160, of_block[-1] + 1 if len(of_block) else 1) * 100
    numbers = first[of_block] + np.where(kind == 0, 1 + 4 * within, 0)
    boxes = 1 + within
    return [
        None if is_kind == 2 and box % 3 == 0 else str(box if is_kind == 2 else number)
        for number, box, is_kind in zip(numbers, boxes, kind, strict=True)
    ]


def _door_numbers(within: Array) -> list[str]:
    return [f"{1 + door // 8}{1 + door % 8:02}" for door in within]
