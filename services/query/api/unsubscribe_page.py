"""The page of the link with which a recipient leaves a report. It needs no login and no script."""

from __future__ import annotations

from collections.abc import Mapping

TEXTS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "title": "Report by mail",
        "question": "Do you want no more mails of this report?",
        "unsubscribe": "Unsubscribe",
        "done": "You get no more mails of this report.",
        "undo": "Subscribe again",
    },
    "de": {
        "title": "Bericht per E-Mail",
        "question": "Möchten Sie keine E-Mails dieses Berichts mehr erhalten?",
        "unsubscribe": "Abbestellen",
        "done": "Sie erhalten keine E-Mails dieses Berichts mehr.",
        "undo": "Wieder abonnieren",
    },
}

PAGE = """<!doctype html>
<html lang="{{ language }}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{{ texts.title }}</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; margin: 15vh auto 0; max-width: 30rem;
  padding: 0 1rem }
h1 { font-size: 1.25rem; overflow-wrap: anywhere }
button { background: #0b6e77; border: 0; border-radius: 6px; color: #fff; cursor: pointer;
  font: inherit; padding: .6rem 1.2rem }
button:focus-visible { outline: 3px solid #3aa6b0; outline-offset: 2px }
</style>
</head>
<body>
<main>
<p>{{ texts.title }}</p>
<h1 dir="auto">{{ report }}</h1>
<p role="status">{{ texts.done if is_unsubscribed else texts.question }}</p>
<form method="post" action="{{ action }}">
<button>{{ texts.undo if is_unsubscribed else texts.unsubscribe }}</button>
</form>
</main>
</body>
</html>
"""
