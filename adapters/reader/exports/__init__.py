"""Inside the child: what record systems export, FHIR, CDA and HL7 version 2, as readable lines.

Each format says of every result whether it holds. What is cancelled, nullified or entered in
error is named without its value; what is preliminary stands on a page of its own that is less sure.

Libraries for these formats validate one version each and refuse what real systems send; what is
needed here is to find names, values and status in all versions.
"""
