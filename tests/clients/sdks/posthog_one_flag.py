"""Ask for one flag with PostHog's Python SDK, and print its value as JSON."""

from __future__ import annotations

import json
import os

from posthog import Posthog

client = Posthog(os.environ["KEY"], host=os.environ["HOST"], send=False)
value = client.get_feature_flag(os.environ["FLAG"], "ada", send_feature_flag_events=False)
print(json.dumps(value))
