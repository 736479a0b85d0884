"""Kinds of sources of a visit: patterns of referring sites and of names in ``utm_source``.

Sites are in lower case, without port and ``www.``; that of an Android app is the app's package, as
browsers write ``android-app://com.google.android.gm/``. A pattern names the whole site: a company's
mail, documents and search are of different kinds, and so is ``ask.example.org``, which is not
ask.com. Sources: the pages of the operators, as ``tests/integration/query/referrers.csv`` has them.
"""

from __future__ import annotations

_COUNTRY = r"(com|[a-z]{2}|com?\.[a-z]{2})"


def _sites(*patterns: str) -> str:
    return "^(" + "|".join(patterns) + ")$"


SEARCH_SITES = _sites(
    rf"((m|images|encrypted|lens|cse)\.)?google\.{_COUNTRY}",
    r"com\.google\.android\.googlequicksearchbox",
    r"([a-z0-9]+\.)?bing\.com",
    r"([a-z]+\.)?duckduckgo\.com|duck\.com|com\.duckduckgo\.mobile\.android",
    rf"([a-z]+\.)*search\.yahoo\.{_COUNTRY}|yahoo\.{_COUNTRY}",
    rf"(m\.)?yandex\.{_COUNTRY}|ya\.ru|ru\.yandex\.searchplugin",
    r"((m|www1|wap|image)\.)?baidu\.com",
    r"([a-z]+\.)?ecosia\.org|([a-z]+\.)?qwant\.com|([a-z0-9-]+\.)?startpage\.com",
    r"search\.brave\.com|kagi\.com|mojeek\.(com|co\.uk)|swisscows\.com|metager\.(org|de)",
    r"((m\.)?search\.)?naver\.com|m\.naver\.com|(m\.)?search\.daum\.net",
    r"(search\.)?seznam\.cz|([a-z]+\.)?sogou\.com|(m\.)?so\.com|m\.sm\.cn|(m\.)?petalsearch\.com",
    r"([a-z]{2}\.)?ask\.com|search\.aol\.[a-z.]+|aol\.com|search\.lycos\.com|dogpile\.com",
    r"go\.mail\.ru|nova\.rambler\.ru|coccoc\.com|presearch\.com|yep\.com|([a-z]+\.)?lilo\.org",
)
SOCIAL_SITES = _sites(
    r"([a-z0-9-]+\.)*(facebook\.com|instagram\.com|threads\.net|threads\.com|messenger\.com)",
    r"com\.(facebook\.(katana|orca|lite)|instagram\.(android|lite|barcelona))",
    r"([a-z0-9-]+\.)?(twitter\.com|x\.com)|t\.co|com\.twitter\.android",
    r"([a-z0-9-]+\.)*linkedin\.com|lnkd\.in|com\.linkedin\.android",
    r"([a-z0-9-]+\.)?reddit\.com|redd\.it|com\.reddit\.frontpage",
    r"([a-z0-9-]+\.)?pinterest\.[a-z.]+|pin\.it|com\.pinterest",
    r"([a-z0-9-]+\.)?tiktok\.com|com\.zhiliaoapp\.musically",
    r"(m\.|music\.|studio\.)?youtube\.com|youtu\.be|com\.google\.android\.youtube",
    r"([a-z0-9-]+\.)?(vk\.com|ok\.ru|weibo\.com|weibo\.cn|xing\.com|tumblr\.com|quora\.com)",
    r"news\.ycombinator\.com|lobste\.rs|mastodon\.[a-z]+|([a-z]+\.)?bsky\.(app|social)",
    r"([a-z0-9-]+\.)?(discord\.com|discordapp\.com|telegram\.org|whatsapp\.com|snapchat\.com)",
    r"t\.me|wa\.me|org\.telegram\.messenger|com\.whatsapp|com\.snapchat\.android|com\.discord",
    r"([a-z0-9-]+\.)?(twitch\.tv|vimeo\.com|dailymotion\.com|bilibili\.com|xiaohongshu\.com)",
    r"([a-z0-9-]+\.)?(nextdoor\.com|zhihu\.com|douban\.com|flickr\.com|line\.me)",
)
ASSISTANT_SITES = _sites(
    r"chatgpt\.com|chat\.openai\.com|com\.openai\.chatgpt",
    r"([a-z]+\.)?perplexity\.ai|ai\.perplexity\.app\.android",
    r"claude\.ai|com\.anthropic\.claude",
    r"(gemini|bard|notebooklm|aistudio)\.google\.com|com\.google\.android\.apps\.bard",
    r"copilot\.microsoft\.com|copilot\.com|copilot\.cloud\.microsoft|com\.microsoft\.copilot",
    r"chat\.mistral\.ai|(chat\.)?deepseek\.com|com\.deepseek\.chat|grok\.com|(www\.)?meta\.ai",
    r"you\.com|phind\.com|poe\.com|duck\.ai|pi\.ai|felo\.ai|([a-z]+\.)?genspark\.ai|iask\.ai",
    r"(chat\.)?qwen\.ai|(www\.)?kimi\.com|kimi\.moonshot\.cn|(www\.)?doubao\.com|yiyan\.baidu\.com",
    r"lumo\.proton\.me|andisearch\.com|consensus\.app|character\.ai",
)
MAIL_SITES = _sites(
    r"mail\.google\.com|com\.google\.android\.gm",
    r"outlook\.(live|office|office365)\.com|outlook\.cloud\.microsoft|com\.microsoft\.office\.outlook",
    r"mail\.yahoo\.(com|co\.[a-z]{2})|com\.yahoo\.mobile\.client\.android\.mail",
    r"mail\.(proton\.me|ru|yandex\.[a-z]+|zoho\.[a-z]+|aol\.com|qq\.com|163\.com|naver\.com)",
    r"(e|m|touch)\.mail\.ru|app\.fastmail\.com|(www\.)?icloud\.com|deref-(gmx|web-02|mail)\.[a-z]+",
    r"deref-web-?[0-9]*\.de|navigator-lxa\.mail\.com|webmail\.[a-z0-9.-]+|app\.tuta\.com|app\.hey\.com",
)

SEARCH_NAMES = r"^(google|bing|duckduckgo|yahoo|yandex|baidu|ecosia)([._ -].*)?$"
SOCIAL_NAMES = (
    r"^(facebook|fb|instagram|ig|twitter|x|linkedin|reddit|pinterest|tiktok|youtube|snapchat)"
    r"([._ -].*)?$"
)
ASSISTANT_NAMES = (
    r"^((chat[._ -]?gpt|openai|perplexity|claude|gemini|copilot|deepseek|grok|le[._ -]?chat|poe"
    r"|phind|qwen|kimi|doubao|meta[._ -]ai|you\.com)([._ -](com|ai|app|chat))?"
    r"|(chat\.(openai|mistral|deepseek)|claude|gemini\.google|copilot\.microsoft|www\.perplexity)"
    r"\.(com|ai))$"
)
"""Assistants write themselves into the addresses that they give: ``utm_source=chatgpt.com``."""
