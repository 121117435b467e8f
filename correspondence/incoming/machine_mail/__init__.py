"""Did a machine write this letter, and what does it report? A robot's answer is nobody's answer.

`reports` reads what machines write for machines (RFC 3464, 8098, 5965), `notices` what mail servers
say in plain words, `automatic` tells an absence note and a ticket system's receipt from a person
whose program marks every mail as automatic: what is said decides, not one header.
"""

from correspondence.incoming.machine_mail.automatic import automatic_kind, is_receipt
from correspondence.incoming.machine_mail.notices import read_notice
from correspondence.incoming.machine_mail.reports import MachineKind, Report, read_form

__all__ = ["MachineKind", "Report", "automatic_kind", "is_receipt", "read_form", "read_notice"]
