"""One form for what offices write in several, and one order for the list."""

import polars as pl


def normalise_electors(electors: pl.DataFrame) -> pl.DataFrame:
    """Bring a checked list of electors (`core.schemas.ELECTORS`) into the form that is sealed.

    Text is Unicode NFC, a postal code is upper case without blanks, a telephone number is digits
    alone, and the rows stand in the order of their numbers, so that the same list gives the same
    bundle in whatever order it came. Nothing is left out.
    """
    text = [name for name, dtype in electors.schema.items() if dtype == pl.String]
    return (
        electors.with_columns(pl.col(text).str.normalize("NFC"))
        .with_columns(
            pl.col("postal_code").str.to_uppercase().str.replace_all(r"[^A-Z0-9]", ""),
            pl.col("phone").str.replace_all(r"[^0-9]", ""),
        )
        .sort("elector_id")
    )
