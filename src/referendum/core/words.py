"""Words for an answer, for true and false, for nothing and for a sum, in many languages.

The lists are closed: a word on none of them is not understood, and the caller says so. The
languages are those of the statutes in the library and of the systems whose files are read.
"""

import re
from typing import Literal

import polars as pl

from referendum.core.names import fold_letters, name_key

_YES_BY_LANGUAGE: dict[str, str] = {
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

_NO_BY_LANGUAGE: dict[str, str] = {
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

_SUM_PHRASES = """
total, totals, grand total, sub total, subtotal, sum, all, overall, totaal, totale, totali, total
general, gesamt, gesamttotal, insgesamt, summe, somme, ensemble, suma, celkem, razem, ogółem,
összesen, toplam, genel toplam, kopā, iš viso, yhteensä, kokku, totalt, i alt, i alt, sammanlagt,
totais, total geral, сумма, итого, всего, усього, разом, общо, σύνολο, 總計, 合計, 小計, 总计, 合计,
합계, 총계, tổng cộng, iomlán, cyfanswm, tapeke, statewide, state total, nationwide, countywide
"""

_ILLEGIBLE_PHRASES = """
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

_NOT_GIVEN_PHRASES = """
not given, not stated, not written, no name, no address, no surname, no given name, fnu, lnu, nfn,
missing, empty, nothing, sans nom, ohne namen, sin nombre, senza nome
"""

_NOTHING_PHRASES = """
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


def _word_keys(words: str) -> frozenset[str]:
    return frozenset(name_key(word) for word in " ".join(words.split()).split(", "))


YES_WORDS = frozenset().union(*map(_word_keys, _YES_BY_LANGUAGE.values()))
"""Keys (`name_key`) of the words that say yes."""

NO_WORDS = frozenset().union(*map(_word_keys, _NO_BY_LANGUAGE.values()))
"""Keys of the words that say no."""

SUM_WORDS = _word_keys(_SUM_PHRASES)
"""Keys of the names that tables give to a row which is the sum of others."""

NOT_GIVEN_WORDS = _word_keys(_NOT_GIVEN_PHRASES)
"""Keys of what a keyer writes where a name is missing altogether."""

ILLEGIBLE_WORDS = _word_keys(_ILLEGIBLE_PHRASES) | NOT_GIVEN_WORDS
"""Keys of what a keyer writes where nothing can be read; nobody has such a name."""

NOTHING_WORDS = _word_keys(_NOTHING_PHRASES)
"""Keys of what a keyer writes for an empty entry; some people have such names: Blank, Null."""

_TRUE_KEYS, _FALSE_KEYS = _word_keys(_TRUE), _word_keys(_FALSE)
_TIE_BREAK_KEYS, _COUNTER_PROPOSAL_KEYS = _word_keys(_TIE_BREAKS), _word_keys(_COUNTER_PROPOSALS)
_FINAL_KEYS, _NOT_FINAL_KEYS = _word_keys(_FINAL), _word_keys(_NOT_FINAL)
_ROLES = {
    "final": _word_keys(_FINAL_COLUMNS),
    "interim": _word_keys(_INTERIM_COLUMNS),
    "status": _word_keys(_STATUS_COLUMNS),
}

_STATE_WORDS = _word_keys(_SPEAK_OF_STATE)

_LONGEST_PHRASE = 3

Answer = Literal["yes", "no"]


def read_answer(option: str) -> Answer | None:
    """Read which answer an option gives: `No on A`, `YES / SÍ`, `YES/FOR`, `Nein`, `Vote against`.

    Only the words at the beginning and the end of the option count; those between may repeat the
    question ("Yes, no more tax for schools").

    Returns:
        `yes` or `no`; None where no word is known, or two words contradict each other ("For the
        repeal: no").
    """
    if may_be_nothing(option):
        return None
    parts = [re.findall(r"[\w'’]+", part) for part in option.split("/")]
    answers = {_answer_of_phrases(ends) for words in parts for ends in _end_phrases(words)}
    found = answers - {None}
    return found.pop() if len(found) == 1 else None


def _end_phrases(words: list[str]) -> tuple[list[str], list[str]]:
    """Give the phrases that begin a text and those that end it, the longest first."""
    lengths = range(min(_LONGEST_PHRASE, len(words)), 0, -1)
    return [" ".join(words[:n]) for n in lengths], [" ".join(words[-n:]) for n in lengths]


def _answer_of_phrases(phrases: list[str]) -> Answer | None:
    for key in map(name_key, phrases):
        if key in NO_WORDS or key in YES_WORDS:
            return "no" if key in NO_WORDS else "yes"
    return None


def read_truth(cell: str) -> bool | None:
    """Read a cell that says yes or no in any language, or `true`, `1`, `x`; else give None."""
    key = name_key(cell)
    if key in _FALSE_KEYS or key in NO_WORDS:
        return False
    return True if key in _TRUE_KEYS or key in YES_WORDS else None


def says_yes(cell: str) -> bool:
    """Whether a cell is a word for yes; a mark such as `x` is none, since it may also mean no."""
    key = name_key(cell)
    return key in YES_WORDS or key in {"ok", "true"}


def is_illegible(cell: str) -> bool:
    """Whether a cell holds only marks (`?`, `-`) or a keyer's words for *nothing legible*."""
    key = name_key(cell)
    return not key or key in ILLEGIBLE_WORDS


def may_be_nothing(cell: str) -> bool:
    """Whether a cell is illegible, or is a word for *none* that is also somebody's name."""
    return is_illegible(cell) or name_key(cell) in NOTHING_WORDS


def is_tie_break(question: str) -> bool:
    """Whether a question is, by its name, the one that decides between two others."""
    return _begins_or_ends_with(question, _TIE_BREAK_KEYS)


def is_counter_proposal(question: str) -> bool:
    """Whether a question is, by its name, a counter-proposal."""
    return _begins_or_ends_with(question, _COUNTER_PROPOSAL_KEYS)


def _begins_or_ends_with(question: str, words: frozenset[str]) -> bool:
    key = name_key(question)
    return any(key.startswith(word) or key.endswith(word) for word in words)


def status_column(name: str) -> Literal["final", "interim", "status"] | None:
    """Give what a column says of its rows: that each is final, or is not, or how it stands.

    None where it is, by its name, no such column.
    """
    key = name_key(name)
    roles: tuple[Literal["final", "interim", "status"], ...] = ("final", "interim", "status")
    return next((role for role in roles if key in _ROLES[role]), None)


def may_say_state(name: str) -> bool:
    """Whether a word of a column's name suggests that it says how far a row is counted."""
    words = re.findall(r"\w+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).replace("_", " "))
    return any(
        name_key(" ".join(words[start:end])) in _STATE_WORDS
        for start in range(len(words))
        for end in range(start + 1, min(start + _LONGEST_PHRASE, len(words)) + 1)
    )


def read_final(role: str, cell: str) -> bool | None:
    """Read whether a cell of a status column says that its row is final; None if it is not known.

    Args:
        role: of the column, from `status_column`; `final` and `interim` may hold yes or no too.
        cell: its text.
    """
    key = name_key(cell)
    if key in _NOT_FINAL_KEYS:
        return False
    if key in _FINAL_KEYS:
        return True
    truth = None if role == "status" else read_truth(cell)
    return truth if truth is None or role == "final" else not truth


def summed_part(name: str) -> str | None:
    """Give the key of what a row sums up by its name: `nsw` for `NSW Total`.

    Returns:
        An empty text for a bare `TOTAL`; None where the name neither begins nor ends with a word
        for a sum.
    """
    words = re.findall(r"[\w'’]+", name)
    if not words or (name.isascii() and not {words[0].lower(), words[-1].lower()} & _SUM_TOKENS):
        return None
    for length in range(min(_LONGEST_PHRASE, len(words)), 0, -1):
        first, last = words[:length], words[-length:]
        if name_key(" ".join(last)) in _SUM_WORDS_BESIDE_NAMES:
            return name_key(" ".join(words[:-length]))
        if name_key(" ".join(first)) in _SUM_WORDS_BESIDE_NAMES:
            rest = words[length:]
            return name_key(
                " ".join(rest[1:] if rest and rest[0].lower() in _PREPOSITIONS else rest)
            )
    return "" if is_sum(name) else None


def summed_parts(names: pl.Series) -> dict[str, str]:
    """Give by name, for the names of sums in a column, what each sums up; see `summed_part`."""
    distinct = names.unique().drop_nulls()
    small = distinct.str.to_lowercase()
    words = sorted(_SUM_TOKENS)
    first = small.str.extract(r"([\w'’]+)").is_in(words)
    last = small.str.extract(r"([\w'’]+)[^\w'’]*$").is_in(words)
    likely = distinct.filter(first | last | distinct.str.contains("[^\x00-\x7f]"))
    return {name: part for name in likely if (part := summed_part(name)) is not None}


def ends_as_sum(name: str) -> bool:
    """Whether a name ends in a word for a sum that ordinary names do not have: `Zone A total`."""
    part = summed_part(name)
    if not part or not name_key(name).startswith(part):
        return False
    return name_key(name).removeprefix(part) in SUM_WORDS - _ALSO_NAMES


_ALSO_NAMES = _word_keys(
    "all, ensemble, sum, summe, suma, somme, overall, kokku, tapeke, statewide"
)

_PREPOSITIONS = {"of", "for", "de", "du", "des", "der", "di", "del", "da", "von"}
_SUM_TOKENS = frozenset(re.findall(r"\w+", _SUM_PHRASES)) | SUM_WORDS
"""Words and keys of which one begins or ends every ASCII name of a sum."""

_SUM_WORDS_BESIDE_NAMES = SUM_WORDS - _word_keys("all, ensemble, sum")
"""Words for a sum that may stand beside a name; the others occur in names: `All Saints`."""


def is_sum(name: str) -> bool:
    """Whether a name alone says that a row is a sum of others: `TOTAL`, `Insgesamt`, `合計`."""
    return name_key(name) in SUM_WORDS


_ALSO_GIVEN_NAMES = frozenset({"na", "nan", "nil", "rien", "x"})
"""Keys of `NOTHING_WORDS` that are somebody's given name or an initial beside a surname."""

_NOT_APPLICABLE = r"(?i)^\W*n\s*[/\\]\s*a\W*$"


def _are_in(cells: pl.Expr, keys: frozenset[str]) -> pl.Expr:
    letters = {"".join(c for c in key if c.isalnum()) for key in keys}
    return fold_letters(cells).is_in(sorted({"", *letters})) | cells.str.contains(_NOT_APPLICABLE)


def are_illegible(cells: pl.Expr) -> pl.Expr:
    """Whether cells say that nothing is written or legible, in words that name nobody."""
    return _are_in(cells, ILLEGIBLE_WORDS)


def are_written_illegibly(cells: pl.Expr) -> pl.Expr:
    """Whether cells say that something is written and illegible, unlike a dash or *not given*."""
    unwritten = _are_in(cells, NOT_GIVEN_WORDS) & ~cells.str.contains(r"[?*？]")
    return are_illegible(cells) & ~unwritten


def say_nothing(cells: pl.Expr) -> pl.Expr:
    """Whether cells are empty, or may say *nothing* (`may_be_nothing`)."""
    return cells.is_null() | _are_in(cells, ILLEGIBLE_WORDS | NOTHING_WORDS)


def are_no_given_names(cells: pl.Expr) -> pl.Expr:
    """Whether cells beside a surname say *nothing*; `X` and `Nan` are names there."""
    return _are_in(cells, (ILLEGIBLE_WORDS | NOTHING_WORDS) - _ALSO_GIVEN_NAMES)


def no_given_name(given: pl.Expr, surname: pl.Expr) -> pl.Expr:
    """Whether no given name is written or legible."""
    return given.is_null() | are_no_given_names(given) | (say_nothing(given) & say_nothing(surname))


def no_surname(given: pl.Expr, surname: pl.Expr) -> pl.Expr:
    """Whether no surname is written or legible; `Blank` is one beside a given name."""
    return surname.is_null() | are_illegible(surname) | (say_nothing(surname) & say_nothing(given))
