"""Files that lie in a record's folders and belong to no act."""

from referendum.verify.acts import is_digest
from referendum.verify.bundles import LARGEST_MANIFEST
from referendum.verify.chain import Chain
from referendum.verify.record_source import Source
from referendum.verify.report import Mismatch, Report

BUNDLES = "The bundles"

KNOWN_FILES = {
    "log": {"checkpoint", "tile"},
    "bundles": {"public", "sealed"},
}
"""What a published record's folders hold."""


def report_foreign_files(source: Source, report: Report, chain: Chain) -> None:
    """Tell of bundles that belong to no act, and of files that are not the record's."""
    found = source.names("bundles/public")
    if found is None:
        _report_sealed_files(source, report, chain)
        report.add(
            "remark", BUNDLES, "files beyond those named were not looked for: the web lists none"
        )
        return
    _report_sealed_files(source, report, chain)
    extra = sorted(name for name in set(found) - set(chain.written) if is_digest(name))
    if extra:
        words = f"{len(extra)} bundles belong to no act: left by a cut-off writer, or by a rollback"
        report.add("remark", BUNDLES, words, file=f"bundles/public/{extra[0]}")
    foreign = [f"bundles/public/{name}" for name in found if not is_digest(name)]
    for folder, known in KNOWN_FILES.items():
        foreign += [f"{folder}/{name}" for name in source.names(folder) or [] if name not in known]
    if foreign:
        words = (
            f"{len(foreign)} files here are not the record's: {', '.join(sorted(foreign))[:200]}"
        )
        report.add("remark", BUNDLES, words, file=min(foreign))


def _report_sealed_files(source: Source, report: Report, chain: Chain) -> None:
    """Tell of sealed bundles that lie where the public can read them."""
    lie = "sealed" in (source.names("bundles") or [])
    for written in chain.written.values():
        if written.sealed and not lie and source.names("bundles") is None:
            try:
                path = f"bundles/sealed/{written.digest}/manifest.json"
                lie = bool(source.read(path, LARGEST_MANIFEST))
            except Mismatch:
                continue
    if lie:
        words = (
            "sealed bundles lie here: they hold names and addresses, and leak where this folder is"
            " published (in the office's own folder they belong)"
        )
        report.add("remark", BUNDLES, words, file="bundles/sealed")
        report.outcome_notes.append(f"{words[0].upper()}{words[1:]}.")
