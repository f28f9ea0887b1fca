"""Days as people, offices and spreadsheets write them.

A year of two digits is never read: it may belong to either of two centuries.
"""

import re
from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import Literal

from referendum.core.errors import InputError
from referendum.core.names import name_key

DayOrder = Literal["dmy", "mdy"]

EARLIEST_DAY = date(1850, 1, 1)
"""The earliest day that is read: no living elector was born before, and no line signed."""

_MONTHS = """
january february march april may june july august september october november december
janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre
januar februar märz april mai juni juli august september oktober november dezember
jänner feber maerz april mai juni juli august september oktober november dezember
gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre
enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro
schaner favrer mars avrigl matg zercladur fanadur avust settember october november december
januari februari maart april mei juni juli augustus september oktober november december
januar februar marts april maj juni juli august september oktober november december
januari februari mars april maj juni juli augusti september oktober november december
tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta
 lokakuuta marraskuuta joulukuuta
jaanuar veebruar märts aprill mai juuni juuli august september oktoober november detsember
janvāris februāris marts aprīlis maijs jūnijs jūlijs augusts septembris oktobris novembris
 decembris
sausio vasario kovo balandžio gegužės birželio liepos rugpjūčio rugsėjo spalio lapkričio gruodžio
stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia
ledna února března dubna května června července srpna září října listopadu prosince
siječnja veljače ožujka travnja svibnja lipnja srpnja kolovoza rujna listopada studenoga prosinca
januára februára marca apríla mája júna júla augusta septembra októbra novembra decembra
ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie
január február március április május június július augusztus szeptember október november december
ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık
ιανουαρίου φεβρουαρίου μαρτίου απριλίου μαΐου ιουνίου ιουλίου αυγούστου σεπτεμβρίου οκτωβρίου
 νοεμβρίου δεκεμβρίου
января февраля марта апреля мая июня июля августа сентября октября ноября декабря
січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня
eanáir feabhra márta aibreán bealtaine meitheamh iúil lúnasa meán-fómhair deireadh-fómhair samhain
 nollaig
ionawr chwefror mawrth ebrill mai mehefin gorffennaf awst medi hydref tachwedd rhagfyr
gener febrer març abril maig juny juliol agost setembre octubre novembre desembre
"""

_TIME = re.compile(
    r"[T ](00:00(:00(\.0+)?)?(Z| ?[+-]\d\d:?\d\d| UTC)?|\d\d?:\d\d(:\d\d(\.\d+)?)?( ?[AP]M)?"
    r"( ?[+-]\d\d:?\d\d)?)$",
    re.IGNORECASE,
)
_YEAR_FIRST = re.compile(
    r"^(\d{4})(?:([-/. ])(\d\d?)\2(\d\d?)|(\d\d)(\d\d)|[年년] ?(\d\d?)[月월] ?(\d\d?)[日일])\.?$"
)
_YEAR_LAST = re.compile(r"^(\d\d?)(?:([-/ ])|\. ?)(\d\d?)(?:\2|\. ?)(\d{4})\.?$")
_SHORT_YEAR = re.compile(
    r"^(\d\d?[-/. ]+\d\d?[-/. ]+['’]?\d\d|\d\d[-/. ]+[^\W\d]+\.?[-/. ]+\d\d?)$"
)
_NAMED = re.compile(
    r"^(?:(?P<day>\d\d?)(?:st|nd|rd|th|er|º|\.)?[-/., ]*(?:de |of )?"
    r"(?P<month>[^\W\d]+(?:-fómhair)?)"
    r"|(?P<month2>[^\W\d]+)\.?[-/., ]*(?P<day2>\d\d?)(?:st|nd|rd|th)?(?=[-/., ]))"
    r"\.?[-/., ]*(?:de |del )?(?P<year>\d{4}|['’]?\d\d)\.?$",
    re.IGNORECASE,
)


@cache
def _months() -> dict[str, int]:
    """Give the number of the month for each name and each prefix of three letters or more.

    English names and prefixes take precedence, then whole names, then prefixes in other languages.
    A word that could be two months is left out.
    """
    lines = re.sub(r"\n ", " ", _MONTHS).strip().splitlines()
    names = [
        (name_key(name), number, rank)
        for rank, line in enumerate(lines)
        for number, name in enumerate(line.split(), start=1)
    ]
    prefixes = [
        (key[:length], number, rank)
        for key, number, rank in names
        for length in _prefix_lengths(key)
    ]
    return {
        **_keep_unambiguous((key, number) for key, number, _ in prefixes),
        **_keep_unambiguous((key, number) for key, number, _ in names),
        **_keep_unambiguous((key, number) for key, number, rank in prefixes if not rank),
    }


def _prefix_lengths(key: str) -> range:
    return range(min(3, len(key)), len(key) + 1)


def _keep_unambiguous(words: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Keep the words that stand for one month only."""
    months_by_word: dict[str, set[int]] = {}
    for word, month in words:
        months_by_word.setdefault(word, set()).add(month)
    return {word: next(iter(months)) for word, months in months_by_word.items() if len(months) == 1}


def possible_days(text: str) -> dict[str, date] | str:
    """Give the days that a text may mean, by the order of day and month.

    Returns:
        `{"": day}` where the form leaves no doubt which part is which; otherwise a day under `dmy`,
        `mdy` or both; or the code of what is wrong: `two_digit_year`, `not_a_date`.
    """
    day_text = _TIME.sub("", text.strip())
    if match := _YEAR_FIRST.match(day_text):
        parts = [part for part in match.groups() if part and part.isdigit()]
        candidates = {"": _make_day(*map(int, parts))}
    elif match := _YEAR_LAST.match(day_text):
        first, second, year = int(match[1]), int(match[3]), int(match[4])
        candidates = {"dmy": _make_day(year, second, first), "mdy": _make_day(year, first, second)}
    elif match := _NAMED.match(day_text):
        month = _months().get(name_key(match["month"] or match["month2"]))
        if month and len(match["year"]) < 4:
            return "two_digit_year"
        day = int(match["day"] or match["day2"])
        candidates = {"": _make_day(int(match["year"][-4:]), month or 0, day)}
    else:
        return "two_digit_year" if _SHORT_YEAR.match(day_text) else "not_a_date"
    days = {order: day for order, day in candidates.items() if day is not None}
    return days or "not_a_date"


def _make_day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def is_ambiguous(text: str) -> bool:
    """Whether a text means one day if the day comes first, and another if the month does."""
    days = possible_days(text)
    return not isinstance(days, str) and len(set(days.values())) > 1


def decide_day_order(texts: Iterable[str], column: str, asked: DayOrder | None) -> DayOrder | None:
    """Decide whether the day or the month comes first in a column, from its unambiguous days.

    Args:
        texts: cells of the column, in any order.
        column: its name, for the error.
        asked: the order that the user named, which settles it.

    Returns:
        `dmy` or `mdy`; None where no day can be read in two ways.

    Raises:
        InputError: a day can be read in two ways, and neither the column nor `asked` decides.
    """
    if asked is not None:
        return asked
    certain_orders: set[str] = set()
    ambiguous, dotted = 0, 0
    for text in texts:
        days = possible_days(text)
        if isinstance(days, str) or "" in days:
            continue
        if len(days) == 1:
            certain_orders |= days.keys()
        elif days["dmy"] != days["mdy"]:
            ambiguous += 1
            dotted += "." in text
    if len(certain_orders) == 1:
        return "dmy" if "dmy" in certain_orders else "mdy"
    if not certain_orders and ambiguous == dotted:
        return "dmy"  # wherever days are written with points, the day comes first
    if ambiguous:
        raise InputError(
            f"{column}: {ambiguous} days can be read in two ways, such as 03/04 for 3 April or"
            " 4 March",
            hint="say which comes first: --dates dmy (the day) or --dates mdy (the month)",
        )
    return None


def read_day(text: str, order: DayOrder | None, latest: date | None) -> date | str:
    """Read a day, or give the code of what is wrong with it.

    Args:
        text: the cell.
        order: whether the day or the month comes first where the form does not say.
        latest: the latest possible day; None where a day may lie in the future.

    Returns:
        The day, or `two_digit_year`, `not_a_date` or `day_out_of_range`.
    """
    days = possible_days(text)
    if isinstance(days, str):
        return days
    only_day = next(iter(days.values())) if len(set(days.values())) == 1 else None
    day = days.get(order) if order and "" not in days else only_day
    if day is None:
        return "not_a_date"
    if day < EARLIEST_DAY or (latest is not None and day > latest):
        return "day_out_of_range"
    return day
