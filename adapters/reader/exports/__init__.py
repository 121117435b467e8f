"""Inside the child: what record systems export, FHIR, CDA and HL7 version 2, as readable lines.

Each format says of every result whether it holds. What is cancelled, nullified or entered in
error is named without its value; what is preliminary stands on a page of its own that is less sure.

Libraries for these formats validate one version each and refuse what real systems send; what is
needed here is to find names, values and status in all versions.
"""

from adapters.reader.exports.cda import read_cda
from adapters.reader.exports.export import Export, ExportPage
from adapters.reader.exports.fhir import read_fhir
from adapters.reader.exports.hl7 import read_hl7
from adapters.reader.exports.kinds import CDA, FHIR_JSON, FHIR_XML, HL7, export_type

__all__ = [
    "CDA",
    "FHIR_JSON",
    "FHIR_XML",
    "HL7",
    "Export",
    "ExportPage",
    "export_type",
    "read_cda",
    "read_fhir",
    "read_hl7",
]
