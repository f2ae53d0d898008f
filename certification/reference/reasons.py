"""Reasons that a decision can name, by kind of case and outcome."""

from certification.states import Outcome
from portal.reviews.models.decisions import Reason

APPLICATION, CERTIFICATE = "certification.application", "certification.certificate"
_AGAIN = "You can apply again at once."
_AGAIN_ZH = "您可立即重新申请。"
_STANDS = {"en": "First decision was right", "zh-hans": "维持原决定"}
_STANDS_TEXT = {
    "en": "Somebody else has looked at everything again and comes to the same result.",
    "zh-hans": "经另一人员重新审查，维持原决定。",
}

# kind, outcome, code, short label and what the person reads by language
REASONS: list[Reason] = [
    (
        APPLICATION,
        Outcome.APPROVED,
        "fulfilled",
        {"en": "Requirement fulfilled", "zh-hans": "符合要求"},
        {"en": "Your papers show what the requirement asks for.", "zh-hans": "您的材料符合要求。"},
    ),
    (
        APPLICATION,
        Outcome.APPROVED,
        "overridden",
        {"en": "A failed check was explained", "zh-hans": "未通过的检查已获解释"},
        {
            "en": "A machine check failed; people looked and found the explanation convincing.",
            "zh-hans": "自动检查未通过，经人工核查，解释成立。",
        },
    ),
    (
        APPLICATION,
        Outcome.REJECTED,
        "not-shown",
        {"en": "Papers do not show what is asked for", "zh-hans": "材料不足以证明"},
        {
            "en": f"Your papers do not show what the requirement asks for. {_AGAIN}",
            "zh-hans": f"您的材料不足以证明所要求的内容。{_AGAIN_ZH}",
        },
    ),
    (
        APPLICATION,
        Outcome.REJECTED,
        "expired",
        {"en": "A paper is not valid any more", "zh-hans": "材料已过期"},
        {
            "en": f"A paper that is needed is not valid any more. {_AGAIN}",
            "zh-hans": f"所需材料已过有效期。{_AGAIN_ZH}",
        },
    ),
    (
        APPLICATION,
        Outcome.REJECTED,
        "name-differs",
        {"en": "Names do not fit together", "zh-hans": "姓名不一致"},
        {
            "en": f"The names on your papers do not fit together. {_AGAIN}",
            "zh-hans": f"您的材料上的姓名不一致。{_AGAIN_ZH}",
        },
    ),
    (
        APPLICATION,
        Outcome.REJECTED,
        "not-registered",
        {"en": "Not found in the register", "zh-hans": "登记系统中未查到"},
        {
            "en": "A person looked up your number in the official register and did not find it, or found somebody else.",
            "zh-hans": "经人工在官方登记系统中查询，未查到该编号，或登记的是他人。",
        },
    ),
    (
        APPLICATION,
        Outcome.REJECTED,
        "other-field",
        {"en": "Licence for another field", "zh-hans": "执业范围不符"},
        {
            "en": "Your licence is for another field than the one you applied for.",
            "zh-hans": "您的执业范围与申请的领域不符。",
        },
    ),
    (
        APPLICATION,
        Outcome.REJECTED,
        "number-in-use",
        {"en": "Number is on another account", "zh-hans": "编号已被他人使用"},
        {
            "en": "The number of your licence is on the certificate of another account.",
            "zh-hans": "该证照编号已用于另一账号的认证。",
        },
    ),
    (
        APPLICATION,
        Outcome.REJECTED,
        "forged",
        {"en": "Forged or altered paper", "zh-hans": "材料伪造或变造"},
        {
            "en": "We are convinced that a paper is forged or was altered. The area is closed to you for 90 days.",
            "zh-hans": "我们认定有材料系伪造或变造。该领域 90 天内不接受您的申请。",
        },
    ),
    (
        APPLICATION,
        Outcome.APPEAL_GRANTED,
        "appeal-granted",
        {"en": "Appeal was right", "zh-hans": "申诉成立"},
        {"en": "Your appeal convinced us: the first decision was wrong.", "zh-hans": "您的申诉成立，原决定有误。"},
    ),
    (APPLICATION, Outcome.APPEAL_DISMISSED, "appeal-dismissed", _STANDS, _STANDS_TEXT),
    (
        CERTIFICATE,
        Outcome.NO_DOUBT,
        "doubt-unfounded",
        {"en": "Doubt is unfounded", "zh-hans": "疑问不成立"},
        {
            "en": "We looked into a doubt about your certificate and found it unfounded.",
            "zh-hans": "经核查，对您证书的疑问不成立。",
        },
    ),
    (
        CERTIFICATE,
        Outcome.SUSPENDED,
        "doubt-register",
        {"en": "The register did not confirm it", "zh-hans": "登记系统未能确认"},
        {
            "en": "A new look into the official register did not confirm what your certificate says.",
            "zh-hans": "再次查询官方登记系统，未能确认证书所载内容。",
        },
    ),
    (
        CERTIFICATE,
        Outcome.SUSPENDED,
        "doubt-profile",
        {"en": "Profile does not fit the certificate", "zh-hans": "账号资料与证书不符"},
        {
            "en": "Name or profession on your profile changed and does not fit the certificate.",
            "zh-hans": "您的账号名称或职业信息变更，与证书不符。",
        },
    ),
    (
        CERTIFICATE,
        Outcome.SUSPENDED,
        "doubt-workplace",
        {"en": "Workplace changed", "zh-hans": "工作单位变更"},
        {
            "en": "It seems that you do not work any more where your certificate says.",
            "zh-hans": "您似乎已不在证书所载单位工作。",
        },
    ),
    (
        CERTIFICATE,
        Outcome.SUSPENDED,
        "doubt-report",
        {"en": "Credible report", "zh-hans": "可信举报"},
        {
            "en": "We have a credible report that raises doubts about your certificate.",
            "zh-hans": "我们收到可信的举报，对您的认证存在疑问。",
        },
    ),
    (
        CERTIFICATE,
        Outcome.SUSPENDED,
        "doubt-paper",
        {"en": "Doubt about a paper", "zh-hans": "对材料存疑"},
        {
            "en": "There are signs that a paper behind your certificate is not genuine.",
            "zh-hans": "有迹象表明认证所依据的材料不真实。",
        },
    ),
    (
        CERTIFICATE,
        Outcome.CLEARED,
        "explained",
        {"en": "Doubts are cleared up", "zh-hans": "疑问已消除"},
        {"en": "Your answer or a new check cleared the doubts up.", "zh-hans": "您的答复或新的核查消除了疑问。"},
    ),
    (
        CERTIFICATE,
        Outcome.REVOKED,
        "struck-off",
        {"en": "Licence has ended", "zh-hans": "执业资格已终止"},
        {"en": "The official register says that the licence has ended.", "zh-hans": "官方登记系统显示执业资格已终止。"},
    ),
    (
        CERTIFICATE,
        Outcome.REVOKED,
        "unfounded",
        {"en": "Certificate has lost its ground", "zh-hans": "认证依据不再成立"},
        {"en": "What your certificate says is not true any more.", "zh-hans": "证书所载内容已不属实。"},
    ),
    (
        CERTIFICATE,
        Outcome.REVOKED,
        "forged-paper",
        {"en": "Forged or altered paper", "zh-hans": "材料伪造或变造"},
        {
            "en": "We are convinced that a paper behind the certificate is forged or was altered. The area is closed to you for a year.",
            "zh-hans": "我们认定认证所依据的材料系伪造或变造。该领域一年内不接受您的申请。",
        },
    ),
    (
        CERTIFICATE,
        Outcome.REVOKED,
        "no-answer",
        {"en": "No answer in time", "zh-hans": "逾期未答复"},
        {
            "en": "The suspension was not answered within 14 days, and the doubts stand.",
            "zh-hans": "14 天内未对暂停作出答复，疑问仍然成立。",
        },
    ),
    (
        CERTIFICATE,
        Outcome.APPEAL_GRANTED,
        "revocation-wrong",
        {"en": "Appeal was right", "zh-hans": "申诉成立"},
        {"en": "Your appeal convinced us: the revocation was wrong.", "zh-hans": "您的申诉成立，撤销有误。"},
    ),
    (CERTIFICATE, Outcome.APPEAL_DISMISSED, "revocation-right", _STANDS, _STANDS_TEXT),
]
