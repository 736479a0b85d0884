"""``make frameworks-check``: apps of each framework, as npm makes them, with the packed SDK.

Their packages are the newest of a major version, so that what a framework changes is noticed. npm
gets some hundreds of megabytes for it, which is why CI leaves these tests out.
"""
