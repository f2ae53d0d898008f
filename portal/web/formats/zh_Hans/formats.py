"""Chinese dates: Django's own, but without leading noughts, and typed in ways that can be read back."""

MONTH_DAY_FORMAT = "n月j日"
DATE_INPUT_FORMATS = ["%Y-%m-%d", "%Y年%m月%d日", "%Y/%m/%d"]
