"""The closed list of what a checker may find on a line; an act's gates are reasons as well."""

REASONS: dict[str, str] = {
    "not_listed": "nobody on the list of electors is the signer",
    "not_resident": "the signer does not live where signers must",
    "not_eligible": "the signer is listed and may not sign: by age, citizenship or otherwise",
    "wrong_district": "the signer is an elector of another district",
    "signature_missing": "there is no signature",
    "signature_differs": "the signature is not the elector's",
    "signed_for_another": "one person signed for another",
    "name_illegible": "the name cannot be read",
    "name_differs": "the name is not the elector's",
    "address_illegible": "the address cannot be read",
    "address_differs": "the address is not the elector's",
    "birth_differs": "the day or year of birth is not the elector's",
    "date_illegible": "the day of signing cannot be read",
    "repeat": "another line of the same elector counts",
    "duplicate": "another line of the same elector counts, and was not drawn",
    "withdrawn": "the elector has withdrawn the signature",
    "forged": "the line was made by another than the elector",
    "struck_out": "the line is struck out",
    "sheet_invalid": "the sheet, its canvasser or its affidavit is not as the act has it",
    "other": "another reason, which the office keeps on paper",
}  # fmt: skip
"""Common reasons why a line is invalid, by code."""

MOST_COPIES = 99
"""No elector is drawn more often: `copy_2` is the second line of one, `copy_3` the third."""

COPIES = tuple(f"copy_{number}" for number in range(2, MOST_COPIES + 1))
