"""Findings are looked for in several documents at once, by threads of one worker."""

import io
from concurrent.futures import ThreadPoolExecutor

from extractors import Extraction, extract
from extractors.pages import PdfText, decide, to_page
from extractors.similarity import fingerprint
from local.rehearsal.documents import breast_synoptic, rectum_two_columns
from local.rehearsal.reports import ROSA
from tests.adapters.reader import files


def found_in(content: bytes) -> tuple[Extraction, object]:
    pages = [to_page(raw, decide(raw)) for raw in PdfText(io.BytesIO(content)).pages()]
    return extract(pages, document_id="1"), fingerprint(pages)


def test_the_same_is_found_in_threads_as_one_after_the_other() -> None:
    papers = [breast_synoptic(ROSA), rectum_two_columns(), files.report(2)] * 3
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(found_in, papers))
    assert together == [found_in(paper) for paper in papers]
    assert sum(len(found.findings) for found, _ in together) > 30
