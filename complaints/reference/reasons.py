"""Reasons that a decision can name, by kind of case and outcome. Both sides read the same words."""

from complaints.states import Outcome
from portal.reviews.models.decisions import Reason

COMPLAINT, SCREENING = "complaints.complaint", "complaints.screening"

# kind, outcome, code, short label and what both sides read by language
REASONS: list[Reason] = [
    (
        SCREENING,
        Outcome.REFUSED,
        "copy-not-identified",
        {"en": "No copy can be recognised", "zh-hans": "无法辨认搬运内容"},
        {
            "en": "The two videos do not show anything in common that could be a copy.",
            "zh-hans": "两段视频没有可能构成搬运的共同内容。",
        },
    ),
    (
        SCREENING,
        Outcome.REFUSED,
        "copy-authorised",
        {"en": "The account is authorised", "zh-hans": "该账号已获授权"},
        {
            "en": "The complainant has allowed this account to use the video.",
            "zh-hans": "投诉人已授权该账号使用该视频。",
        },
    ),
    (
        SCREENING,
        Outcome.REFUSED,
        "copy-decided-before",
        {"en": "Decided before", "zh-hans": "此前已有决定"},
        {
            "en": "The same case was decided before, and nothing new is shown.",
            "zh-hans": "同一案件此前已作出决定，且未提供新的材料。",
        },
    ),
    (
        SCREENING,
        Outcome.REFUSED,
        "copy-not-entitled",
        {"en": "Not entitled to complain", "zh-hans": "无权投诉"},
        {
            "en": "It is not shown that the complainant made the video or may speak for whoever did.",
            "zh-hans": "未能证明投诉人是该视频的作者或有权代表作者。",
        },
    ),
    (
        SCREENING,
        Outcome.REFUSED,
        "copy-other-subject",
        {"en": "Not about copied videos", "zh-hans": "不属于视频搬运"},
        {"en": "The complaint is about something else than a copied video.", "zh-hans": "投诉内容与视频搬运无关。"},
    ),
    (
        SCREENING,
        Outcome.AFFIRMED,
        "refusal-right",
        {"en": "First decision was right", "zh-hans": "维持原决定"},
        {
            "en": "Somebody else has looked at everything again and comes to the same result.",
            "zh-hans": "经另一人员重新审查，维持原决定。",
        },
    ),
    (
        SCREENING,
        Outcome.REVERSED,
        "refusal-wrong",
        {"en": "Should have been admitted", "zh-hans": "应予受理"},
        {"en": "The complaint should have been admitted. It goes on now.", "zh-hans": "该投诉应予受理，现继续处理。"},
    ),
    (
        COMPLAINT,
        Outcome.UPHELD,
        "copy-whole",
        {"en": "Whole video copied", "zh-hans": "整段搬运"},
        {"en": "The whole video was published again without permission.", "zh-hans": "整段视频未经许可被再次发布。"},
    ),
    (
        COMPLAINT,
        Outcome.UPHELD,
        "copy-part",
        {"en": "A part was copied", "zh-hans": "搬运片段"},
        {
            "en": "A part of the video was published again without permission.",
            "zh-hans": "视频的一部分未经许可被再次发布。",
        },
    ),
    (
        COMPLAINT,
        Outcome.UPHELD,
        "copy-edited",
        {"en": "Copied and edited", "zh-hans": "搬运并改动"},
        {
            "en": "The video was mirrored, cropped, cut or otherwise edited and published again without permission.",
            "zh-hans": "视频经镜像、裁剪、剪辑或其他改动后，未经许可被再次发布。",
        },
    ),
    (
        COMPLAINT,
        Outcome.PARTLY,
        "copy-some-parts",
        {"en": "Copied in some parts only", "zh-hans": "仅部分内容为搬运"},
        {
            "en": "Some of what was complained of is copied without permission; the rest is not.",
            "zh-hans": "被投诉内容中有一部分系未经许可的搬运，其余部分不是。",
        },
    ),
    (
        COMPLAINT,
        Outcome.PARTLY,
        "copy-partly-licensed",
        {"en": "Partly with permission", "zh-hans": "部分已获许可"},
        {
            "en": "For a part of the video there was permission; for the rest there was none.",
            "zh-hans": "视频的一部分已获许可，其余部分未获许可。",
        },
    ),
    (
        COMPLAINT,
        Outcome.DISMISSED,
        "no-copy",
        {"en": "Not a copy", "zh-hans": "不是搬运"},
        {
            "en": "The videos are alike, but one is not a copy of the other.",
            "zh-hans": "两段视频相似，但并非搬运关系。",
        },
    ),
    (
        COMPLAINT,
        Outcome.DISMISSED,
        "own-earlier",
        {"en": "The respondent's own earlier work", "zh-hans": "被投诉方在先作品"},
        {"en": "The respondent made the material themselves, and earlier.", "zh-hans": "被投诉方为该内容的在先作者。"},
    ),
    (
        COMPLAINT,
        Outcome.DISMISSED,
        "licensed",
        {"en": "Licence or permission", "zh-hans": "已获许可"},
        {"en": "The respondent had permission to use the video.", "zh-hans": "被投诉方已获使用该视频的许可。"},
    ),
    (
        COMPLAINT,
        Outcome.DISMISSED,
        "independent",
        {"en": "Made independently", "zh-hans": "独立创作"},
        {"en": "Both videos were made independently of each other.", "zh-hans": "两段视频系各自独立创作。"},
    ),
    (
        COMPLAINT,
        Outcome.DISMISSED,
        "quotation",
        {"en": "Quotation, review or parody", "zh-hans": "引用、评论或戏仿"},
        {
            "en": "The law allows this use: it quotes, discusses or parodies the video.",
            "zh-hans": "该使用属于法律允许的引用、评论或戏仿。",
        },
    ),
    (
        COMPLAINT,
        Outcome.DISMISSED,
        "authorship-not-shown",
        {"en": "Authorship is not shown", "zh-hans": "未能证明作者身份"},
        {
            "en": "It is not shown that the complainant made the video, or made it first.",
            "zh-hans": "未能证明投诉人是该视频的作者或在先作者。",
        },
    ),
    (
        COMPLAINT,
        Outcome.AFFIRMED,
        "decision-right",
        {"en": "First decision was right", "zh-hans": "维持原决定"},
        {
            "en": "Somebody else has looked at everything again and comes to the same result.",
            "zh-hans": "经另一人员重新审查，维持原决定。",
        },
    ),
    (
        COMPLAINT,
        Outcome.REVERSED,
        "decision-wrong",
        {"en": "First decision was wrong", "zh-hans": "原决定有误"},
        {
            "en": "Somebody else has looked at everything again and comes to another result.",
            "zh-hans": "经另一人员重新审查，得出不同结论。",
        },
    ),
    (
        COMPLAINT,
        Outcome.REVERSED,
        "new-evidence",
        {"en": "New evidence", "zh-hans": "有新证据"},
        {
            "en": "What was shown with the appeal was not known at the first decision and changes the result.",
            "zh-hans": "申诉中提供的材料在原决定作出时尚不知悉，并改变了结论。",
        },
    ),
]
