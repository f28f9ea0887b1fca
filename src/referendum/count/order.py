"""The order of returns: by the columns of their key."""

import polars as pl

from referendum.count.tables import KEY


def sort_forms(forms: pl.DataFrame) -> pl.DataFrame:
    """Sort forms by their key.

    The names are few beside the rows: sorting their places in the alphabet takes a third of the
    time that sorting the texts takes.
    """
    places = [
        forms.get_column(name).cast(pl.Enum(forms.get_column(name).unique().sort())).to_physical()
        for name in KEY
    ]
    return forms[pl.DataFrame(places).select(pl.arg_sort_by(KEY)).to_series()]
