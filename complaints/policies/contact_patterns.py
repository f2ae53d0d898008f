"""What contact data looks like in a text: addresses of mail, telephone numbers, ids of messengers, of papers, and postal addresses.

Numbers of cases, dates, ids of posts (in addresses, too) and amounts must stay readable. So a bare number counts only in
a form that telephones or papers have; one in another form counts after a word that announces it. All repetitions are
bounded: the time grows with the length of the text alone.
"""

import re

# No part of a longer word, number or web address.
_BEGIN, _END = r"(?<![a-zA-Z\d_/=&#.+-])", r"(?![a-zA-Z\d_]|[-.]\d)"
_GAP = r"[\s.-]?"
_ANNOUNCED = r"\s{0,3}(?:号码|号|id|no\.?|number)?\s{0,3}(?:is|[:：=]|是|为)?\s{0,3}"
_MESSENGERS = r"微信|薇信|威信|加微|加v|v信|vx|wechat|weixin|whatsapp|telegram|signal"
_EMAIL = r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}"
_INTERNATIONAL = r"\+\d(?:[\s()./-]*\d){6,14}"
_CHINESE_MOBILE = rf"{_BEGIN}(?:(?:0086|86){_GAP})?[1１][3-9３-９]\d(?:{_GAP}\d){{8}}{_END}"
_CHINESE_LANDLINE = rf"(?:{_BEGIN}|(?<=\())0(?:10|2\d|[3-9]\d{{2}})\)?[\s-]{{0,2}}[2-9]\d{{6,7}}{_END}"
_AMERICAN = (
    rf"{_BEGIN}(?:1[\s.-])?(?:\([2-9]\d{{2}}\)\s?[2-9]\d{{2}}[\s.-]|[2-9]\d{{2}}([.-])[2-9]\d{{2}}\1)\d{{4}}{_END}"
)
_ANNOUNCED_PHONE = (
    r"(?:\b(?:tel|phone|telephone|mobile|cell|fax|call me(?: at| on)?)\b\.?|电话|手机|座机|致电)"
    rf"{_ANNOUNCED}\(?\d(?:[\s()./-]{{0,2}}\d){{5,14}}"
)
_MESSENGER_ID = (
    rf"(?:{_MESSENGERS})(?:(?:{_ANNOUNCED})(?=[a-z_-]{{0,20}}\d)|\s{{0,3}}(?:号|id)?\s{{0,3}}[:：]\s{{0,3}})[a-z\d_-]{{5,30}}"
    rf"|(?:微信|薇信|威信|加微|加v|v信)(?:号)?\s{{0,3}}(?!wechat|weixin|video)[a-z][a-z_-]{{5,19}}{_END}"
)
_QQ = r"(?:(?<![a-z])qq|扣扣|q群)\s{0,3}(?:号码|号|群)?\s{0,3}(?:is|[:：=]|是|为)?\s{0,3}[1-9]\d{4,11}"
_DATE_OF_BIRTH = r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_IDENTITY = rf"{_BEGIN}[1-8]\d{{5}}{_DATE_OF_BIRTH}\d{{3}}[\dx]{_END}|{_BEGIN}\d{{3}}-\d{{2}}-\d{{4}}{_END}"
_PASSPORT = r"(?:护照|身份证|passport|identity card|ID card)\s{0,3}(?:号码|号|no\.?|number)?\s{0,3}[:：]?\s{0,3}[a-z]{0,2}\d{6,18}x?"
_CHINESE_PLACE = r"(?:[\u4e00-\u9fff]{2,4}(?:省|自治区|市|区|县|镇|乡|村)){0,4}"
_CHINESE_ADDRESS = (
    rf"{_CHINESE_PLACE}[\u4e00-\u9fff\d]{{1,6}}(?:路|街|大道|巷|弄|胡同)\s?\d{{1,5}}\s?(?:号|弄)"
    r"(?:[\u4e00-\u9fff\da-z-]{0,12}?(?:栋|幢|座|楼|单元|室)){0,4}"
)
_STREET = "Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Square|Terrace|Crescent"
# With capital letters: "5 lanes" is no address.
_ENGLISH_ADDRESS = (
    rf"\b\d{{1,5}}[A-Za-z]?\s(?:[A-Z][\w'.]{{0,20}}\s){{1,4}}(?:{_STREET})\b\.?"
    r"(?:,?\s(?:Apt|Apartment|Suite|Unit|Flat)\.?\s\w{1,6})?(?:,\s[A-Z][\w ]{1,30})?(?:,?\s[A-Z]{2}\s\d{5})?"
)

CONTACT_PATTERNS = (
    re.compile(_EMAIL),
    re.compile(_INTERNATIONAL),
    *(
        re.compile(text, re.IGNORECASE)
        for text in (_MESSENGER_ID, _QQ, _PASSPORT, _IDENTITY, _ANNOUNCED_PHONE, _CHINESE_MOBILE, _CHINESE_LANDLINE)
    ),
    re.compile(_AMERICAN),
    re.compile(_CHINESE_ADDRESS, re.IGNORECASE),
    re.compile(_ENGLISH_ADDRESS),
)
