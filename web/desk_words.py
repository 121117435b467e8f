"""What the hospital's desk says: short words for doctors and desks, translated where shown."""

from collections.abc import Mapping

from web.languages import N_

LEVELS: Mapping[str, str] = {
    "D2_deid_records": N_("Records, names removed"),
    "D3_identified": N_("Records with the patient's name: for your department only"),
}
REFUSALS: Mapping[str, str] = {
    "code": N_("The code is not right, or its time is over. Ask for another one."),
    "code_day": N_("Many codes were sent today. Please use the newest letter, or call us."),
    "code_telephone": N_("We tell you the code by telephone: please call us."),
}
DONE: Mapping[str, str] = {
    "review": N_("Thank you: we know that your team reviews the case."),
    "missing": N_("Thank you: we look for what you need and write to you."),
    "offer": N_("Thank you: we have your offer, and a coordinator reads it."),
    "decline": N_("Thank you for your answer. The request is closed."),
    "colleague": N_("Thank you: a coordinator reads it and writes to your colleague."),
    "write": N_("Thank you: a coordinator reads what you wrote."),
}
CLASSES: Mapping[str, str] = {
    "accept_for_review": N_("You review the case"),
    "more_info": N_("You need more"),
    "offer": N_("Your offer"),
    "decline": N_("You do not take the case"),
    "redirect": N_("Somebody else to write to"),
    "other": N_("You wrote"),
}
IORT: Mapping[str, str] = {
    "alone": N_("Yes, as the only radiation"),
    "boost": N_("Yes, as a boost"),
    "either": N_("Yes, either"),
    "cannot_say": N_("We cannot say yet"),
}
WHY_DECLINED: Mapping[str, str] = {
    "device": N_("We do not have the technique"),
    "clinical": N_("Our doctors do not propose IORT for this patient"),
    "dates": N_("We have no room in the time needed"),
    "cost": N_("The costs cannot be agreed"),
    "other": N_("Another reason"),
}
ITEMS: Mapping[str, str] = {
    "path_core": N_("Pathology report"),
    "receptors": N_("Receptors (ER, PR, HER2)"),
    "slides": N_("Slides or blocks"),
    "imaging_mammogram": N_("Mammogram"),
    "imaging_us": N_("Ultrasound"),
    "imaging_mri": N_("MRI"),
    "imaging_ct": N_("CT"),
    "staging_imaging": N_("Staging scans"),
    "dicom": N_("Pictures (DICOM)"),
    "operation_note": N_("Operation note"),
    "radiotherapy_record": N_("Record of earlier radiotherapy"),
    "systemic_history": N_("Earlier systemic treatment"),
    "labs": N_("Blood tests"),
    "tumour_markers": N_("Tumour markers"),
    "cardiac_echo": N_("Echocardiogram"),
    "ecg": N_("ECG"),
    "anaesthesia_assessment": N_("Anaesthesia assessment"),
    "medicines": N_("List of medicines"),
    "surgical_plan": N_("Surgical plan"),
    "passport_copy": N_("Copy of the passport"),
}
COST_ITEMS: Mapping[str, str] = {
    "tests_at_home": N_("Tests before the journey"),
    "anaesthesia": N_("Anaesthesia"),
    "pathology": N_("Pathology"),
    "imaging": N_("Imaging"),
    "radiotherapy": N_("Later external radiotherapy"),
    "systemic_treatment": N_("Systemic treatment"),
    "medicines": N_("Medicines"),
    "implants": N_("Implants"),
    "intensive_care": N_("Intensive care"),
    "complications": N_("Treatment of complications"),
    "follow_up": N_("Follow-up visits"),
    "interpreter": N_("Interpreter"),
    "companion": N_("Bed for a companion"),
    "meals": N_("Meals"),
    "accommodation": N_("Accommodation outside the hospital"),
    "transfers": N_("Transfers"),
    "flights": N_("Flights"),
    "visa": N_("Visa"),
    "insurance": N_("Insurance"),
}
TECHNIQUES: Mapping[str, str] = {
    "ioert": N_("Electrons (IOERT)"),
    "kv_iort": N_("Low-energy X-rays"),
    "ebx": N_("Electronic brachytherapy"),
    "hdr_iort": N_("HDR brachytherapy"),
}
REFUSED = (
    N_("Choose what you want to tell us."),
    N_("That day is over: name one that is to come."),
    N_("Nothing is filled in yet: write what you want to tell us."),
    N_("Choose one of the answers about IORT."),
    N_("Choose the records from the list, or write them in your own words."),
    N_("Choose what is missing, or write it in your own words."),
    N_("Look at the amounts once more, as they were read."),
    N_("Choose the reason: the family is told it honestly."),
    N_("Write the reason in a sentence: the family is told it honestly."),
    N_("Many answers were sent today: please call us."),
    N_("Write the colleague's e-mail address, such as desk@hospital.example."),
)
"""What `workflows.records.desk_answers` refuses with, for the catalogues."""
