"""Words that stand for an answer, for true and false, for nothing, and for a sum, by language.

Closed lists: a word that is on none of them means nothing here, and whoever asks says so. The
languages are those of the acts in the library and of the systems whose files are read.
"""

import re
from typing import Literal

import polars as pl

from referendum.core.names import letters_of, name_key

_FOR: dict[str, str] = {
    "English": "yes, yea, aye, y, for, in favour, in favor, approve, approved, approval, accept,"
    " accepted, agree, support, affirmative",
    "French": "oui, pour, en faveur, approuve, approuver, accepter, accepte, d'accord",
    "German": "ja, für, dafür, annahme, annehmen, zustimmung, einverstanden",
    "Italian": "sì, favorevole, favorevoli, a favore, approvo, accetto",
    "Spanish": "sí, a favor, apruebo, aprobar, acepto, por el sí",
    "Portuguese": "sim, concordo, aprovo",
    "Romansh": "gea",
    "Dutch": "voor, akkoord",
    "Danish, Norwegian, Swedish": "ja",
    "Finnish": "kyllä, jaa, puolesta",
    "Estonian": "jah, poolt",
    "Latvian": "jā, par, piekrītu",
    "Lithuanian": "taip, už, pritariu",
    "Polish": "tak",
    "Czech, Slovak": "ano, áno, pro",
    "Slovene, Croatian, Serbian": "da, za",
    "Romanian": "da, pentru",
    "Hungarian": "igen, támogatom",
    "Turkish": "evet",
    "Greek": "ναι, υπέρ",
    "Russian, Ukrainian, Bulgarian": "да, за, так",
    "Irish": "tá",
    "Welsh": "ydw, cytuno, ie",
    "Māori": "āe, ae",
    "Catalan, Basque": "bai",
    "Chinese": "同意, 贊成, 赞成, 是",
    "Japanese, Korean": "賛成, はい, 찬성, 예",
    "Vietnamese, Tagalog": "đồng ý, oo",
}

_AGAINST: dict[str, str] = {
    "English": "no, nay, n, against, oppose, opposed, reject, rejected, rejection, disagree, deny,"
    " negative, not approved, do not approve, disapprove, not in favour,"
    " not in favor, not for, not accepted",
    "French": "non, contre, rejeter, rejet, refuser, refuse, pas d'accord",
    "German": "nein, gegen, dagegen, ablehnung, ablehnen, verwerfen, nicht einverstanden",
    "Italian": "no, contrario, contrari, contro, respingo, rifiuto",
    "Spanish": "no, en contra, rechazo, rechazar",
    "Portuguese": "não, contra, discordo, rejeito",
    "Dutch": "nee, neen, tegen",
    "Danish, Norwegian, Swedish": "nej, nei",
    "Finnish": "ei, vastaan",
    "Estonian": "vastu",
    "Latvian": "nē, pret, nepiekrītu",
    "Lithuanian": "ne, prieš, nepritariu",
    "Polish": "nie, przeciw",
    "Czech, Slovak": "ne, nie, proti",
    "Slovene, Croatian, Serbian": "ne, proti, protiv",
    "Romanian": "nu, împotrivă",
    "Hungarian": "nem, ellenzem",
    "Turkish": "hayır",
    "Greek": "όχι, κατά",
    "Russian, Ukrainian, Bulgarian": "нет, против, ні, проти, не",
    "Irish": "níl",
    "Welsh": "nac ydw, anghytuno",
    "Māori": "kāo, kao",
    "Catalan, Basque": "ez",
    "Chinese": "不同意, 反對, 反对, 否",
    "Japanese, Korean": "反対, いいえ, 반대, 아니오",
    "Vietnamese, Tagalog": "không đồng ý, không, hindi",
}

_SUMS = """
total, totals, grand total, sub total, subtotal, sum, all, overall, totaal, totale, totali, total
general, gesamt, gesamttotal, insgesamt, summe, somme, ensemble, suma, celkem, razem, ogółem,
összesen, toplam, genel toplam, kopā, iš viso, yhteensä, kokku, totalt, i alt, i alt, sammanlagt,
totais, total geral, сумма, итого, всего, усього, разом, общо, σύνολο, 總計, 合計, 小計, 总计, 合计,
합계, 총계, tổng cộng, iomlán, cyfanswm, tapeke, statewide, state total, nationwide, countywide
"""

_ILLEGIBLE = """
illegible, illeg, unreadable, not readable, not legible, cannot read, can not read, can't read,
unclear, name illegible, illegible name, address illegible, illegible address, illegible signature,
redacted, masked, confidential, withheld, protected, suppressed, anonymous, unknown, xx, xxx,
illisible, non lisible, anonyme, nicht leserlich, unlesbar, non leggibile, inconnu, unleserlich,
nicht lesbar, unbekannt, illeggibile, sconosciuto, ilegible, desconocido, ilegível, desconhecido,
onleesbaar, onbekend, nelasāms, neįskaitoma, nieczytelne, nečitelné, nečitelně, ilizibil,
olvashatatlan, okunaksız, oläslig, ulæselig, uleselig, lukukelvoton, loetamatu, δυσανάγνωστο,
неразборчиво, нерозбірливо, нечетливо, 無法辨識, 字跡不清, 不明, 판독불가, doléite, annarllenadwy,
unreadable name, name unreadable, unreadable signature, signature illegible, undecipherable,
indecipherable, not decipherable, unable to read, could not read, couldn't read, left blank,
not filled in, not provided, not supplied, nicht angegeben, keine angabe, ohne angabe,
nicht entzifferbar, name unleserlich, pas lisible, indéchiffrable, non indiqué, non renseigné,
indecifrabile, non indicato, no legible, no se lee, sin datos, não legível, niet leesbaar,
nesalasāms, nav salasāms, nečitljivo, нечитаемо, не читается, не указано, 判読不能, 看不清,
無法辨認, 未填寫
"""

_NOT_GIVEN = """
not given, not stated, not written, no name, no address, no surname, no given name, fnu, lnu, nfn,
missing, empty, nothing, sans nom, ohne namen, sin nombre, senza nome
"""

_NOTHING = """
blank, none, nil, n a, na, null, nan, x, vide, aucun,
rien, leer, keine, fehlt, vuoto, nessuno, mancante, vacío, ninguno, falta, vazio, nenhum, leeg,
geen, tukšs, nav, brak, prázdné, 無
"""

_TIE_BREAKS = """
tie break, tie breaker, tie-break question, deciding question, stichfrage, question subsidiaire,
question de départage, domanda risolutiva, domanda eventuale, dumonda decisiva
"""

_COUNTER_PROPOSALS = """
counter, counter proposal, counterproposal, gegenvorschlag, gegenentwurf, gegenprojekt,
contre-projet, controprogetto, cuntraproposta, contraproposta
"""

_FINAL = """
final, finished, complete, completed, counted, certified, official, definitive, declared, done,
closed, endgültig, definitiv, abgeschlossen, ausgezählt, erfasst, amtlich, définitif, définitive,
terminé, complet, dépouillé, compté, definitivo, definitiva, completo, completa, scrutinato,
concluso, escrutado, contabilizado, apurado, slutlig, lõplik, galutinis, galīgs, ostateczny,
konečný, végleges, kesin
"""

_NOT_FINAL = """
interim, provisional, preliminary, partial, incomplete, pending, open, unknown, uncounted, not
counted, not yet counted, not counted yet, not final, unofficial, in progress, counting, estimated,
estimate,
projected, outstanding, missing, vorläufig, provisorisch, unvollständig, offen, unbekannt,
ausstehend, nicht ausgezählt, noch nicht ausgezählt, hochgerechnet, provisoire, partiel,
incomplet, en cours, inconnu, non dépouillé, pas encore dépouillé, provvisorio, provvisoria,
parziale, incompleto, incompleta, in corso, sconosciuto, non scrutinato, provisorio, parcial,
pendiente, desconocido, no escrutado, preliminär, esialgne, wstępny, předběžný, előzetes, geçici,
voorlopig, 未完, 暫定
"""

_FINAL_COLUMNS = """
counted, final, complete, completed, official, certified, is final, is counted, ausgezählt,
gezählt, endgültig, definitiv, vollständig, dépouillé, compté, définitif, complet, scrutinato,
definitivo, completo, escrutado, contado, apurado
"""

_INTERIM_COLUMNS = """
interim, provisional, preliminary, partial, incomplete, unofficial, estimated, uncounted, not
counted, vorläufig, provisorisch, unvollständig, provisoire, partiel, incomplet, provvisorio,
parziale, incompleto, provisorio, parcial, voorlopig
"""

_STATUS_COLUMNS = """
status, state of count, count status, counting status, result status, stand, zählstand,
auszählstand, auszählung, statut, état, état du dépouillement, stato, stato scrutinio, estado,
situação
"""

_SPEAK_OF_STATE = """
result type, return type, results type, count type, tally type, type of result, status, reporting,
reported, counted, counting, uncounted, pending, outstanding, complete, completed, completion,
incomplete, progress, estimate, estimated, provisional, preliminary, interim, partial, final,
finalised, finalized, unofficial, certified, remark, remarks, note, notes, comment, comments,
zählstand, auszählung, auszählungsstand, ausgezählt, vorläufig, hochrechnung, bemerkung,
bemerkungen, anmerkung, anmerkungen, hinweis, kommentar, statut, avancement, dépouillement,
dépouillé, dépouillés, remarque, remarques, observation, observations, commentaire, provisoire,
partiel, stato, scrutinate, scrutinato, scrutinio, osservazioni, nota, commento, provvisorio,
parziale, estado, escrutado, escrutadas, escrutinio, observaciones, notas, comentario, parcial,
estado, situação, apurado, apuradas, apuração, observação, observações, opmerking, opmerkingen,
voorlopig, anmärkning, merknad, bemærkning, huomautus, tila, märkus, märkused, piezīme, piezīmes,
pastaba, pastabos, stan, uwagi, stav, poznámka, opomba, napomena, stanje, observații, stare,
megjegyzés, állapot, durum, açıklama, κατάσταση, παρατηρήσεις, состояние, статус, примечание,
примітка, забележка, nóta, nodyn, 備註, 备注, 狀態, 状态, 状態, 備考, 비고, 상태, ghi chú
"""

_TRUE = "true, t, 1, x, ok"
_FALSE = "false, f, 0"


def _keys(words: str) -> frozenset[str]:
    return frozenset(name_key(word) for word in " ".join(words.split()).split(", "))


FOR = frozenset().union(*map(_keys, _FOR.values()))
"""Keys (`name_key`) of the words that say yes."""

AGAINST = frozenset().union(*map(_keys, _AGAINST.values()))
"""Keys of the words that say no."""

SUMS = _keys(_SUMS)
"""Keys of the words by which a table names a row that is the sum of others."""

NOT_GIVEN = _keys(_NOT_GIVEN)
"""Keys of what a keyer writes of a name that is not there at all."""

ILLEGIBLE = _keys(_ILLEGIBLE) | NOT_GIVEN
"""Keys of what a keyer writes where nothing can be read; nobody is called so."""

NOTHING = _keys(_NOTHING)
"""Keys of what a keyer writes where nothing stands. Some people are called so: Blank, Null."""

_TRUE_KEYS, _FALSE_KEYS = _keys(_TRUE), _keys(_FALSE)
_TIE_BREAK_KEYS, _COUNTER_PROPOSAL_KEYS = _keys(_TIE_BREAKS), _keys(_COUNTER_PROPOSALS)
_FINAL_KEYS, _NOT_FINAL_KEYS = _keys(_FINAL), _keys(_NOT_FINAL)
_ROLES = {
    "final": _keys(_FINAL_COLUMNS),
    "interim": _keys(_INTERIM_COLUMNS),
    "status": _keys(_STATUS_COLUMNS),
}

_SPEAKING = _keys(_SPEAK_OF_STATE)

_LONGEST_PHRASE = 3

Answer = Literal["yes", "no"]


def answer_of(option: str) -> Answer | None:
    """Find which answer an option gives: `No on A`, `YES / SÍ`, `YES/FOR`, `Nein`, `Vote against`.

    The word stands at the beginning of the option or at its end: what lies between repeats the
    question, in words that mean nothing here ("Yes, no more tax for schools").

    Returns:
        `yes` or `no`; None where no word is known, or words contradict ("For the repeal: no").
    """
    if may_be_nothing(option):
        return None
    parts = [re.findall(r"[\w'’]+", part) for part in option.split("/")]
    answers = {_answer(ends) for words in parts for ends in _ends(words)}
    found = answers - {None}
    return found.pop() if len(found) == 1 else None


def _ends(words: list[str]) -> tuple[list[str], list[str]]:
    """Give the phrases that begin a text and those that end it, the longest first."""
    lengths = range(min(_LONGEST_PHRASE, len(words)), 0, -1)
    return [" ".join(words[:n]) for n in lengths], [" ".join(words[-n:]) for n in lengths]


def _answer(phrases: list[str]) -> Answer | None:
    for key in map(name_key, phrases):
        if key in AGAINST or key in FOR:
            return "no" if key in AGAINST else "yes"
    return None


def truth_of(cell: str) -> bool | None:
    """Read a cell that says yes or no in any of the languages, or `true`, `1`, `x`; else None."""
    key = name_key(cell)
    if key in _FALSE_KEYS or key in AGAINST:
        return False
    return True if key in _TRUE_KEYS or key in FOR else None


def says_yes(cell: str) -> bool:
    """Whether a cell is a word for yes, and no mark such as `x`, which says no elsewhere."""
    key = name_key(cell)
    return key in FOR or key in {"ok", "true"}


def is_illegible(cell: str) -> bool:
    """Whether a cell holds marks alone (`?`, `-`), or a keyer's words for *nothing legible*."""
    key = name_key(cell)
    return not key or key in ILLEGIBLE


def may_be_nothing(cell: str) -> bool:
    """Whether a cell is illegible, or says *none* in a word that is also somebody's name."""
    return is_illegible(cell) or name_key(cell) in NOTHING


def is_tie_break(question: str) -> bool:
    """Whether a question is, by its name, the one that decides between two others."""
    return _names(question, _TIE_BREAK_KEYS)


def is_counter_proposal(question: str) -> bool:
    """Whether a question is, by its name, a counter-proposal."""
    return _names(question, _COUNTER_PROPOSAL_KEYS)


def _names(question: str, words: frozenset[str]) -> bool:
    key = name_key(question)
    return any(key.startswith(word) or key.endswith(word) for word in words)


def status_column(name: str) -> Literal["final", "interim", "status"] | None:
    """Tell whether a column says of a row that it is final, that it is not, or how it stands."""
    key = name_key(name)
    roles: tuple[Literal["final", "interim", "status"], ...] = ("final", "interim", "status")
    return next((role for role in roles if key in _ROLES[role]), None)


def may_say_state(name: str) -> bool:
    """Whether a column may say, by a word of its name, how far a row is counted."""
    words = re.findall(r"\w+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).replace("_", " "))
    return any(
        name_key(" ".join(words[start:end])) in _SPEAKING
        for start in range(len(words))
        for end in range(start + 1, min(start + _LONGEST_PHRASE, len(words)) + 1)
    )


def final_of(role: str, cell: str) -> bool | None:
    """Read whether a cell of a status column says that its row is final; None if no word is known.

    Args:
        role: of the column: `final` and `interim` are answered by yes or no, or by any word.
        cell: what stands there.
    """
    key = name_key(cell)
    if key in _NOT_FINAL_KEYS:
        return False
    if key in _FINAL_KEYS:
        return True
    truth = None if role == "status" else truth_of(cell)
    return truth if truth is None or role == "final" else not truth


def sum_of(name: str) -> str | None:
    """Give the key of what a name says to be the sum of: `NSW Total`, `Total of Ardale`.

    Returns:
        Nothing at all for `TOTAL`; None where no word at the beginning or the end says so.
    """
    words = re.findall(r"[\w'’]+", name)
    if not words or (name.isascii() and not {words[0].lower(), words[-1].lower()} & _SUM_WORDS):
        return None
    for length in range(min(_LONGEST_PHRASE, len(words)), 0, -1):
        first, last = words[:length], words[-length:]
        if name_key(" ".join(last)) in _PARTED_SUMS:
            return name_key(" ".join(words[:-length]))
        if name_key(" ".join(first)) in _PARTED_SUMS:
            rest = words[length:]
            return name_key(" ".join(rest[1:] if rest and rest[0].lower() in _OF else rest))
    return "" if is_sum(name) else None


def parts_of_sums(names: pl.Series) -> dict[str, str]:
    """Give, of the names of a column that say so, what each is the sum of; see `sum_of`."""
    distinct = names.unique().drop_nulls()
    small = distinct.str.to_lowercase()
    words = sorted(_SUM_WORDS)
    first = small.str.extract(r"([\w'’]+)").is_in(words)
    last = small.str.extract(r"([\w'’]+)[^\w'’]*$").is_in(words)
    likely = distinct.filter(first | last | distinct.str.contains("[^\x00-\x7f]"))
    return {name: part for name in likely if (part := sum_of(name)) is not None}


def ends_as_sum(name: str) -> bool:
    """Whether a name ends in a word for a sum that is no part of ordinary names: `Zone A total`."""
    part = sum_of(name)
    if not part or not name_key(name).startswith(part):
        return False
    return name_key(name).removeprefix(part) in SUMS - _ALSO_NAMES


_ALSO_NAMES = _keys("all, ensemble, sum, summe, suma, somme, overall, kokku, tapeke, statewide")

_OF = {"of", "for", "de", "du", "des", "der", "di", "del", "da", "von"}
_SUM_WORDS = frozenset(re.findall(r"\w+", _SUMS)) | SUMS
"""Words and keys of which one begins or ends every name of a sum that is written in ASCII."""

_PARTED_SUMS = SUMS - _keys("all, ensemble, sum")
"""Words for a sum beside a name; the others are parts of ordinary ones, such as `All Saints`."""


def is_sum(name: str) -> bool:
    """Whether a name is that of a sum of other rows: `TOTAL`, `Insgesamt`, `合計`."""
    return name_key(name) in SUMS


_GIVEN = frozenset({"na", "nan", "nil", "rien", "x"})
"""Keys of `NOTHING` that are somebody's given name or an initial beside a surname."""

_NOT_APPLICABLE = r"(?i)^\W*n\s*[/\\]\s*a\W*$"


def _are_in(cells: pl.Expr, keys: frozenset[str]) -> pl.Expr:
    letters = {"".join(c for c in key if c.isalnum()) for key in keys}
    return letters_of(cells).is_in(sorted({"", *letters})) | cells.str.contains(_NOT_APPLICABLE)


def are_illegible(cells: pl.Expr) -> pl.Expr:
    """Whether cells say that nothing is written or legible, in words that name nobody."""
    return _are_in(cells, ILLEGIBLE)


def are_unread(cells: pl.Expr) -> pl.Expr:
    """Whether cells say that something is written and not legible: no dash, nor *not given*."""
    unwritten = _are_in(cells, NOT_GIVEN) & ~cells.str.contains(r"[?*？]")
    return are_illegible(cells) & ~unwritten


def say_nothing(cells: pl.Expr) -> pl.Expr:
    """Whether cells are empty or `may_be_nothing`."""
    return cells.is_null() | _are_in(cells, ILLEGIBLE | NOTHING)


def are_no_given_names(cells: pl.Expr) -> pl.Expr:
    """Whether cells that stand beside a surname say nothing; `X` and `Nan` are names there."""
    return _are_in(cells, (ILLEGIBLE | NOTHING) - _GIVEN)


def no_given_name(given: pl.Expr, surname: pl.Expr) -> pl.Expr:
    """Whether no given name is written or legible."""
    return given.is_null() | are_no_given_names(given) | (say_nothing(given) & say_nothing(surname))


def no_surname(given: pl.Expr, surname: pl.Expr) -> pl.Expr:
    """Whether no surname is written or legible; beside a given name, `Blank` is somebody's."""
    return surname.is_null() | are_illegible(surname) | (say_nothing(surname) & say_nothing(given))
