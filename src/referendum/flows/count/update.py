"""Forms put over those of an earlier part, as `--update` asks."""

from dataclasses import replace

import polars as pl

from referendum.count import (
    ACCOUNTS,
    KEY,
    RETURNS,
    SET_ASIDE,
    Reconciliation,
    ReferenceData,
    figures_expression,
    find_differing_accounts,
    find_faults_between_forms,
    find_unexpected_places,
    replace_forms,
)
from referendum.flows.count.reference_data import read_table
from referendum.record.frames import from_csv
from referendum.record.reading import Inputs


def merge_update(
    earlier: Inputs, later: Reconciliation, reference: ReferenceData
) -> Reconciliation:
    """Put later forms over those of an earlier part.

    What was set aside stays so until it is mended. A form that the update puts at odds with others
    is set aside.

    Args:
        earlier: the part that is put right.
        later: the forms of the update, reconciled by themselves.
        reference: what the forms are held against.
    """
    before = from_csv(earlier.data("returns", "set_aside.csv"), SET_ASIDE)
    returns = replace_forms(read_table(earlier, "returns", RETURNS), later.returns)
    received_again = pl.concat([later.returns.select(KEY), later.set_aside.select(KEY)])
    accounts = read_table(earlier, "accounts", ACCOUNTS).join(received_again, on=KEY, how="anti")
    accounts = replace_forms(accounts, later.accounts)
    # A form that is entered again and set aside does not leave its earlier numbers counted.
    not_kept = later.set_aside.join(later.returns, on=KEY, how="anti")
    returns = returns.join(not_kept, on=KEY, how="anti")
    merged = replace(later, returns=returns, accounts=accounts)
    faulty = _find_faults_after_update(merged.returns_with_accounts, reference)
    return replace(
        merged,
        returns=returns.join(faulty, on=KEY, how="anti"),
        accounts=accounts.join(faulty, on=KEY, how="anti"),
        set_aside=pl.concat(
            [before.join(received_again, on=KEY, how="anti"), later.set_aside, faulty],
            how="vertical",
        ),
    )


def _find_faults_after_update(combined: pl.DataFrame, reference: ReferenceData) -> pl.DataFrame:
    """Find forms that an update put at odds with others; they have no row in its file."""
    numbered = combined.with_columns(row=pl.int_range(pl.len()))
    between = find_faults_between_forms(numbered, in_file=False).join(
        numbered.select("row", *KEY), on="row"
    )
    unexpected = find_unexpected_places(numbered, reference.places)
    account = find_differing_accounts(numbered) if reference.common_ballot else numbered.clear()
    parts = [
        _as_faults(unexpected, "place", "not_expected"),
        between,
        _as_faults(account, "total", "accounts_differ"),
    ]
    names = [*KEY, "column", "code", "value", "ballots"]
    found = pl.concat([part.select(names) for part in parts]).unique(KEY, keep="first")
    own = combined.select(
        *KEY, figures=figures_expression(), most=pl.max_horizontal("total", "electors")
    )
    is_sum = pl.col("code").is_in(["sum_of_others", "sum_differs"])
    return (
        found.join(own, on=KEY)
        .with_columns(
            row=pl.lit(None, dtype=pl.Int64),
            ballots=pl.when(is_sum).then("ballots").otherwise("most"),
        )
        .select(SET_ASIDE.names())
        .sort(KEY)
    )


def _as_faults(forms: pl.DataFrame, column: str, code: str) -> pl.DataFrame:
    return forms.select(
        *KEY,
        column=pl.lit(column),
        code=pl.lit(code),
        value=pl.col(column).cast(pl.String),
        ballots="total",
    )
