"""The signs of each reply class in English, of whatever country."""

from correspondence.replies.english_items import ITEMS
from correspondence.replies.kinds import Rules

__all__ = ["ITEMS", "RULES"]

RULES: Rules = {
    "decline": {
        "cannot_take": (
            0.85,
            (
                (
                    r"(?:not|n't|unable to|cannot|can not|no longer"
                    r"|unfortunately)\b.{0,40}\b(?:accept|take"
                    r"|treat|offer|admit|proceed|help|accommodate)\b"
                ),
                (
                    r"(?:not|n't|unable to|cannot|can not|no longer"
                    r"|unfortunately) (?:be able to )?review\b"
                ),
                r"we (?:must|have to|regret to) (?:decline|refuse)",
                r"\bdeclin(?:e|ed|ing)\b",
                (
                    r"(?:better|best) (?:served|treated|managed"
                    r"|looked after)\b.{0,60}\b(?:near|home|local"
                    r"|elsewhere|own country)"
                ),
                (
                    r"(?:schedule|calendar|programme|program|list"
                    r"|policy|regulation\w*)\b.{0,60}\b(?:not|n't"
                    r"|cannot) (?:allow|permit)"
                ),
                (
                    r"(?:do|does|did|can|could|will|would)(?: not"
                    r"|n't|not)\b.{0,30}\b(?:accept|receive|take"
                    r"|admit|treat)\b.{0,60}(?:patient|case|foreign"
                    r"|abroad|international)"
                ),
                r"not feel (?:comfortable|confident)",
                r"(?:close|closing) (?:this|the|your) (?:enquiry|inquiry|case|file|query)",
                r"(?:must|have to) (?:therefore |unfortunately )?(?:cancel|pass|withdraw)",
                r"look (?:elsewhere|for another)",
                r"(?:try|approach|contact) another (?:hospital|cent)",
                r"regret\w*\b.{0,80}\b(?:not|unable|cannot|decline|close)",
                r"not in a position to|beyond our (?:scope|capab\w*)|not (?:be )?feasible",
            ),
        ),
        "not_suitable": (
            0.85,
            (
                r"\bnot (?:a )?(?:suitable|candidate|indicated|appropriate|recommended|advis)",
                r"\bunsuitable\b",
                r"不适合",
                r"不建议",
                r"not (?:be )?(?:an? )?(?:eligible|suited|fit|good candidate|ideal)\b",
                r"(?:protocol|criteria)\b.{0,60}\b(?:exclude|not (?:meet|fulfil|allow|include))",
                r"(?:do|does)(?: not|n't) (?:meet|fulfil|qualify)|contra-?indicat\w*",
                r"ruled? out",
                r"not feel comfortable",
                r"(?:no|not any) (?:additional |added )?(?:benefit|role) (?:for|of|in)",
            ),
        ),
        "no_device": (
            0.9,
            (
                (
                    r"(?:do(?:es)? not|don't|no longer) (?:have"
                    r"|offer|perform|provide).{0,40}\b(?:iort|ioert"
                    r"|unit|machine|device|equipment)"
                ),
                r"(?:machine|unit|device) is (?:down|out of (?:order|service))",
                r"under (?:repair|maintenance)",
                (
                    r"(?:iort|ioert|facility|machine|unit|device"
                    r"|intrabeam|accelerator|mobetron|equipment)\b.{0,50}\b(?:not available"
                    r"|unavailable|not functional|not working|broken"
                    r"|discontinued|decommissioned|out of order"
                    r"|down\b)"
                ),
                r"not have\b.{0,30}\b(?:iort|facility|machine|device)",
            ),
        ),
        "choice_3": (0.9, (r"\A\W{0,3}3\W{0,3}\Z", r"^\W{0,3}(?:option )?3\W{0,20}not for us\b")),
        "not_for_us": (0.9, (r"\bnot for us\b",)),
        "no_capacity": (
            0.8,
            (
                r"no (?:capacity|beds?|slots?)\b",
                r"fully booked",
                r"waiting list is (?:too )?long",
                (
                    r"(?:slots?|beds?|theatres?|lists?)\b.{0,50}\b(?:given away"
                    r"|full|taken|gone|blocked|booked out)"
                ),
                (
                    r"(?:overbooked|fully occupied|no vacan\w*"
                    r"|too many patients|heavy (?:load|workload))"
                ),
                r"(?:schedule|calendar)\b.{0,40}\bnot allow",
            ),
        ),
        "price": (
            0.5,
            (
                (
                    r"(?:budget|price|funds?)\b.{0,80}\b(?:below"
                    r"|too low|not enough|insufficient|far from)"
                ),
                r"discount not possible",
            ),
        ),
    },
    "offer": {
        "price_word": (
            0.35,
            (
                r"\b(?:estimate[ds]?|quot(?:e|ation)|package|costs?|price|charges?|fee)\b",
                r"费用|报价|预估",
            ),
        ),
        "amount": (0.5, (r"\x00AMOUNT",)),
        "what_is_in": (
            0.15,
            (
                r"\b(?:includ|exclud)(?:es|ed|ing)\b",
                r"\bdeposit\b",
                r"\bvalid (?:until|till|for)\b",
                r"押金",
            ),
        ),
    },
    "opinion": {
        "advice": (
            0.5,
            (
                (
                    r"\b(?:we|our (?:team|board|doctors?)|the board) (?:would )?(?:recommend"
                    r"|advis(?:e|es)|suggest)"
                ),
                r"\b(?:medical|expert|our) opinion\b",
                r"\brecommended treatment\b",
                r"我们建议",
                r"^\W{0,4}(?:impression|recommendations?|opinion|advice)\s*:|our advice",
                r"(?:is|are|was) (?:advised|recommended|indicated)\b",
                r"should be (?:added|given|considered|offered)",
                r"would (?:advise|recommend|suggest)",
                r"\badvise[sd]?\b.{0,20}\b(?:surgery|lumpectomy|chemo|neoadjuvant|resection)",
                r"\bwe suggest\b|in our opinion|no additional benefit",
            ),
        ),
        "therapy": (
            0.2,
            (
                r"\b(?:iort|lumpectomy|resection|chemotherapy|radiotherapy|neoadjuvant|boost)\b",
                r"chemoradiation|irradiation|mastectomy|hormon\w* (?:therapy|treatment)|gy\b",
            ),
        ),
        "heading": (
            0.35,
            (
                (
                    r"^\W{0,4}(?:impression|recommendations?|(?:second "
                    r"|medical )?opinion|advice)\b.{0,30}(?::|$)"
                ),
                r"\b(?:paper review|my view|our advice|limitations)\b",
            ),
        ),
    },
    "more_info": {
        "please_send": (
            0.55,
            (
                (
                    r"\b(?:please|kindly|pls|could you|can you)\b.{0,40}\b(?:send"
                    r"|share|provide|forward|upload|attach|arrange"
                    r"|submit|mail)"
                ),
                r"请(?:提供|发送|补充)",
                (
                    r"\b(?:pls|plz|please|kindly)\b.{0,60}\b(?:do the needful"
                    r"|let (?:me|us) know|tell us|submit|complete"
                    r"|clarify|advise|confirm|bring|arrange|mail"
                    r"|courier)"
                ),
                r"\bmail\b.{0,30}\bto us",
            ),
        ),
        "we_need": (
            0.55,
            (
                r"\b(?:we|doctors?|team) (?:(?:also|still|would|will) )?request\b",
                r"\b(?:is|are|still) (?:required|missing|needed|pending)\b",
                r"\b(?:need|require)s?\b\s*:?",
                r"需要|缺少",
                (
                    r"\b(?:wants?|asks? for|asking for|requests?"
                    r"|needs?|waiting for|awaiting|pending)\b"
                ),
                r"\b(?:must|have to|has to|would like to|like to) (?:see|know|review|have|get)\b",
                r"not (?:clear|stated|mentioned|attached|legible|readable|open)",
                r"\badvise[sd]? to get\b|two things|one question|\bhas\b[^.?\n]{0,60}\?",
                r"\bis there\b[^.?\n]{0,60}\?|what (?:is|was|are)\b[^.?\n]{0,60}",
            ),
        ),
        "names_items": (0.4, (r"\x00ITEM",)),
        "choice_2": (0.6, (r"^\W{0,3}2\W{0,3}need\b",)),
    },
    "accept_for_review": {
        "will_review": (
            0.75,
            (
                (
                    r"\b(?:will|shall|(?:going|agree[sd]?|happy"
                    r"|willing|pleased) to) (?:be )?(?:review|discuss"
                    r"|present|evaluat|assess)\w*"
                ),
                r"\bunder review\b",
                r"会诊",
                r"(?:glad|happy|pleased|willing) to (?:look|consider|evaluate|study|discuss)",
                r"(?:go|going|gone) through (?:it|the|them|file|reports)",
                r"(?:look|looking) (?:into|at) (?:this|it|the)",
                (
                    r"(?:will|to|is going to|are going to) (?:see"
                    r"|study|examine|evaluate|assess|look at|check)\b.{0,40}(?:image"
                    r"|report|case|file|mri|scan|patholog|record"
                    r"|all)"
                ),
                r"accepted for (?:discussion|review)",
                (
                    r"(?:forwarded|passed|given|sent|referred)\b.{0,40}\b(?:to"
                    r"|with) (?:our |the )?(?:dr|doctor|prof|consultant"
                    r"|hod|sir|board|team)\b.{0,80}(?:will|review"
                    r"|opinion)"
                ),
                (
                    r"(?:file|case|reports?) (?:is|are) with (?:the "
                    r"|our )?(?:doctor|dr|consultant|prof)"
                ),
                r"will present (?:it|the case)",
            ),
        ),
        "board_or_doctor": (0.2, (r"\b(?:tumou?r board|mdt|multidisciplinary)\b", r"\bdr\.? \w+")),
        "choice_1": (0.75, (r"^\W{0,3}1\W{0,3}(?:yes\b|will review)",)),
    },
    "ack": {
        "received": (
            0.6,
            (
                r"\breceived\b",
                r"\breceipt of\b",
                r"thank you for (?:your|the) (?:e-?mail|mail|message|enquiry|inquiry)",
                r"noted with thanks",
                r"收到",
                r"\brec'?d\b|\bnoted\b|could be downloaded",
                r"thanks? for (?:your|the|writing|contacting)",
                r"thank you for (?:contacting|writing|reaching)|\bwell received\b",
            ),
        ),
        "will_revert": (
            0.35,
            (
                r"\b(?:will|shall) (?:revert|get back|respond|reply|answer|come back|update you)",
                r"尽快回复",
                r"(?:'ll|will|shall) be back",
                (
                    r"(?:answer|reply|respond|contact|inform|update) (?:to )?you (?:soon"
                    r"|shortly|asap|within)"
                ),
                r"be in touch|revert (?:back )?(?:soon|shortly|asap)",
                r"forwarded (?:your|the|it)\b",
            ),
        ),
    },
    "admission_date": {
        "admission": (
            0.9,
            (
                (
                    r"\b(?:admission|surgery|operation) (?:date )?(?:is "
                    r"|has been )?(?:confirmed|scheduled|fixed"
                    r"|planned|booked) (?:for|on)"
                ),
                r"\badmit (?:the patient|her|him) on\b",
                r"入院(?:时间|日期)",
                (
                    r"(?:operation|surgery|ot|theatre)\b.{0,20}\b(?:is "
                    r"|has been )?(?:fixed|planned|scheduled|booked"
                    r"|confirmed)\b.{0,40}\b(?:on|for|later|days)"
                ),
                r"(?:we|hereby) confirm (?:the )?(?:admission|date|slot|bed|surgery)",
                r"bed (?:is|has been) (?:booked|reserved|blocked|confirmed)",
                (
                    r"(?:operation|surgery|\bot\b|theatre) (?:is "
                    r"|has been |was )?(?:fixed|planned|scheduled"
                    r"|booked|confirmed)\b.{0,40}\b(?:on|for|later"
                    r"|days)"
                ),
                (
                    r"(?:we|hereby|this is to) confirm (?:the "
                    r"|that (?:the )?)?(?:admission|bed|surgery)"
                ),
            ),
        )
    },
    "invitation_letter": {
        "letter": (
            0.9,
            (
                r"\binvitation letter\b.{0,60}\b(?:attached|enclosed|find|sent|issued)",
                r"\b(?:attached|enclosed|find|issued)\b.{0,60}\binvitation letter",
                r"邀请函",
                (
                    r"(?:pfa|attach\w*|enclos\w*|herewith)\b.{0,80}\b(?:visa"
                    r"|invitation) (?:invitation )?letter"
                ),
                r"(?:visa|invitation) letter\b.{0,80}(?:attach|enclos|pfa|issued|ready)",
            ),
        )
    },
    "redirect": {
        "write_to": (
            0.85,
            (
                (
                    r"\b(?:write|send|forward|e-?mail|contact|address)\b.{0,60}\b(?:to"
                    r"|at)\b.{0,40}\x00MAIL"
                ),
                r"\bwrong (?:department|address)\b",
                r"no longer (?:works?|handles?)\b",
                r"no (?:more|longer) (?:handl|deal|look|work)\w*",
                r"right (?:contact|person|department)\b.{0,120}\x00MAIL|mailbox belongs to",
                r"not (?:the|our) (?:right )?(?:department|unit)",
                r"\b(?:mail|mails|write|contact)\b.{0,40}\x00MAIL",
                r"\x00MAIL.{0,60}(?:will (?:help|assist)|instead)",
            ),
        ),
        "choice_4": (0.85, (r"^\W{0,3}4\W{0,3}(?:please )?(?:write|contact)",)),
    },
    "contacted_patient_directly": {
        "spoke": (
            0.9,
            (
                (
                    r"\bwe (?:have )?(?:called|contacted|phoned"
                    r"|spoken (?:to|with)|written to|messaged) (?:the )?(?:patient"
                    r"|family|relatives?|son|daughter|husband|wife)\b"
                ),
                (
                    r"(?:son|daughter|husband|wife|family|patient"
                    r"|relatives?)\b.{0,60}\b(?:called|phoned|contacted"
                    r"|wrote to|reached|visited|came to|spoke)\b.{0,40}\b(?:us"
                    r"|our|directly|hotline|hospital|clinic)"
                ),
                r"(?:video )?call with (?:them|her|him|the (?:family|patient|son|daughter))",
                r"(?:got|received) (?:our|the) estimate (?:on|by|via) (?:whatsapp|wechat|phone)",
                (
                    r"(?:directly|already) (?:in (?:contact|touch)"
                    r"|spoke|talked|speaking) (?:with|to) (?:the )?(?:patient"
                    r"|family|son|daughter)"
                ),
            ),
        )
    },
    "data_deletion_confirmed": {
        "deleted": (
            0.92,
            (
                (
                    r"\b(?:deleted|destroyed|erased)\b.{0,60}\b(?:records?"
                    r"|files?|data|copies|documents?)"
                ),
                (
                    r"\b(?:records?|files?|data|copies|documents?)\b.{0,40}\b(?:deleted"
                    r"|destroyed|erased)"
                ),
                (
                    r"(?:records?|files?|data|copies|documents?"
                    r"|images?)\b.{0,160}\b(?:deleted|destroyed"
                    r"|erased|removed|purged)"
                ),
            ),
        )
    },
}
